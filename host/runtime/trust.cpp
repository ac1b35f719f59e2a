#include "runtime/trust.h"

#include "base/file.h"
#include "config/table_reader.h"
#include "packages/signature.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::runtime {

namespace {

constexpr std::size_t kFileMax = 1 << 20;

bool isHash(const std::string& text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::string quoted(const std::string& text) {
    // A TOML basic string is a JSON string, as far as these go.
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

Trust::Entries Trust::read(const std::filesystem::path& file,
                           std::vector<config::Problem>& problems) {
    Entries entries;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return entries;
    const auto problem = [&](std::string text) {
        problems.push_back({{}, file.string(), std::move(text)});
    };
    if (const std::string writable = writableByOthers(file); !writable.empty()) {
        problem("is not believed: " + writable);
        return entries;
    }
    const auto text = base::readFile(file, kFileMax);
    if (!text) {
        problem("cannot be read: " + text.error().message);
        return entries;
    }
    config::Value document;
    std::vector<config::Problem> found;
    if (config::parseToml(*text, document, found)) {
        config::TableReader in(document, "", found);
        in.tables("plugin", [&](config::TableReader& table) {
            TrustedPlugin entry;
            table.requiredText("sha256", entry.hash);
            table.text("plugin", entry.plugin);
            table.text("version", entry.version);
            table.text("from", entry.from);
            table.text("signer", entry.signer);
            if (!entry.hash.empty() && !isHash(entry.hash))
                table.problem("sha256", "must be 64 small hexadecimal digits");
            entries.plugins[entry.hash] = entry;
        });
        in.tables("signer", [&](config::TableReader& table) {
            TrustedSigner signer;
            table.requiredText("key", signer.key);
            table.text("name", signer.name);
            if (!signer.key.empty() && !packages::isPublicKey(signer.key))
                table.problem("key", "must be a public key: ed25519:...");
            entries.signers[signer.key] = signer;
        });
        in.finish();
    }
    for (const config::Problem& each : found)
        problem(std::to_string(each.place.line) + ":" + std::to_string(each.place.column) + ": " +
                each.path + " " + each.text);
    return entries;
}

base::Result<void> Trust::write(const std::filesystem::path& file, const Entries& entries) {
    std::ostringstream out;
    out << "# Plugins that may run though they are not part of this build: hearback plugin trust\n";
    for (const auto& [key, signer] : entries.signers)
        out << "\n[[signer]]\nkey = " << quoted(key) << "\nname = " << quoted(signer.name) << "\n";
    for (const auto& [hash, entry] : entries.plugins) {
        out << "\n[[plugin]]\nsha256 = " << quoted(hash) << "\nplugin = " << quoted(entry.plugin)
            << "\nversion = " << quoted(entry.version) << "\nfrom = " << quoted(entry.from) << "\n";
        if (!entry.signer.empty()) out << "signer = " << quoted(entry.signer) << "\n";
    }
    return base::writeFile(file, out.str());
}

base::Result<Trust::Entries> Trust::load(const std::filesystem::path& file) {
    std::vector<config::Problem> problems;
    auto entries = read(file, problems);
    if (!problems.empty())
        return base::Error{base::Code::Invalid,
                           problems.front().path + " " + problems.front().text};
    return entries;
}

Trust::Trust(const std::vector<std::filesystem::path>& shipped, const std::filesystem::path& file,
             bool trust_all, std::vector<config::Problem>& problems)
    : trusted_(read(file, problems)), trust_all_(trust_all) {
    for (const auto& folder : shipped) {
        const auto list = base::readFile(folder / kShippedList, kFileMax);
        if (!list) continue;
        std::istringstream lines(*list);
        for (std::string line; std::getline(lines, line);)
            if (isHash(line.substr(0, 64))) shipped_.insert(line.substr(0, 64));
    }
}

// The list of what is shipped is believed as far as the folder is: whoever can write there can
// replace the plugins and the program too.
Standing Trust::of(const loader::PluginFile& file) const {
    if (shipped_.contains(file.hash)) return Standing::Shipped;
    if (trust_all_ || trusted_.plugins.contains(file.hash)) return Standing::Trusted;
    if (trusted_.signers.empty()) return Standing::Unknown;
    const auto signer = packages::signerOf(file);
    const bool is_known = signer && *signer && findSigner(**signer) != nullptr;
    return is_known ? Standing::Trusted : Standing::Unknown;
}

const TrustedPlugin* Trust::find(const std::string& hash) const {
    const auto found = trusted_.plugins.find(hash);
    return found == trusted_.plugins.end() ? nullptr : &found->second;
}

const TrustedSigner* Trust::findSigner(const std::string& key) const {
    const auto found = trusted_.signers.find(key);
    return found == trusted_.signers.end() ? nullptr : &found->second;
}

base::Result<void> Trust::add(const std::filesystem::path& file, const TrustedPlugin& entry) {
    auto entries = load(file);
    if (!entries) return entries.error();
    entries->plugins[entry.hash] = entry;
    return write(file, *entries);
}

base::Result<bool> Trust::remove(const std::filesystem::path& file, const std::string& hash) {
    auto entries = load(file);
    if (!entries) return entries.error();
    if (entries->plugins.erase(hash) == 0) return false;
    const auto written = write(file, *entries);
    if (!written) return written.error();
    return true;
}

base::Result<void> Trust::addSigner(const std::filesystem::path& file,
                                    const TrustedSigner& signer) {
    auto entries = load(file);
    if (!entries) return entries.error();
    entries->signers[signer.key] = signer;
    return write(file, *entries);
}

base::Result<bool> Trust::removeSigner(const std::filesystem::path& file, const std::string& key) {
    auto entries = load(file);
    if (!entries) return entries.error();
    if (entries->signers.erase(key) == 0) return false;
    const auto written = write(file, *entries);
    if (!written) return written.error();
    return true;
}

std::string writableByOthers(const std::filesystem::path& file) {
    std::error_code error;
    std::filesystem::path at = std::filesystem::absolute(file, error).lexically_normal();
    for (bool is_file = true; !at.empty(); is_file = false) {
        struct stat facts {};
        if (::stat(at.c_str(), &facts) != 0) return {};
        const bool owned = facts.st_uid == 0 || facts.st_uid == ::geteuid();
        if (!owned) return at.string() + " belongs to another user";
        // In a folder like /tmp others may write but not replace what is mine.
        const bool sticky = !is_file && (facts.st_mode & S_ISVTX) != 0;
        if ((facts.st_mode & S_IWOTH) != 0 && !sticky)
            return at.string() + " can be written by others: chmod o-w " + at.string();
        if (at == at.parent_path()) break;
        at = at.parent_path();
    }
    return {};
}

} // namespace hearback::runtime
