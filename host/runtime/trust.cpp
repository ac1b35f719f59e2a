#include "runtime/trust.h"

#include "base/file.h"
#include "config/table_reader.h"

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

std::map<std::string, TrustedPlugin> readTrust(const std::filesystem::path& file,
                                               std::vector<config::Problem>& problems) {
    std::map<std::string, TrustedPlugin> trusted;
    std::error_code error;
    if (!std::filesystem::exists(file, error)) return trusted;
    const auto problem = [&](std::string text) {
        problems.push_back({{}, file.string(), std::move(text)});
    };
    if (const std::string writable = writableByOthers(file); !writable.empty()) {
        problem("is not believed: " + writable);
        return trusted;
    }
    const auto text = base::readFile(file, kFileMax);
    if (!text) {
        problem("cannot be read: " + text.error().message);
        return trusted;
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
            table.texts("hosts", entry.hosts);
            if (!entry.hash.empty() && !isHash(entry.hash))
                table.problem("sha256", "must be 64 small hexadecimal digits");
            trusted[entry.hash] = entry;
        });
        in.finish();
    }
    for (const config::Problem& each : found)
        problem(std::to_string(each.place.line) + ":" + std::to_string(each.place.column) + ": " +
                each.path + " " + each.text);
    return trusted;
}

std::string quoted(const std::string& text) {
    // A TOML basic string is a JSON string, as far as these go.
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

base::Result<void> write(const std::filesystem::path& file,
                         const std::map<std::string, TrustedPlugin>& trusted) {
    std::ostringstream out;
    out << "# Plugins that may run though they are not part of this build: hearback plugin trust\n";
    for (const auto& [hash, entry] : trusted) {
        out << "\n[[plugin]]\nsha256 = " << quoted(hash) << "\nplugin = " << quoted(entry.plugin)
            << "\nversion = " << quoted(entry.version) << "\nfrom = " << quoted(entry.from) << "\n";
        if (!entry.signer.empty()) out << "signer = " << quoted(entry.signer) << "\n";
        if (entry.hosts.empty()) continue;
        out << "hosts = [";
        for (std::size_t i = 0; i < entry.hosts.size(); ++i)
            out << (i == 0 ? "" : ", ") << quoted(entry.hosts[i]);
        out << "]\n";
    }
    return base::writeFile(file, out.str());
}

base::Result<std::map<std::string, TrustedPlugin>> load(const std::filesystem::path& file) {
    std::vector<config::Problem> problems;
    auto trusted = readTrust(file, problems);
    if (!problems.empty())
        return base::Error{base::Code::Invalid,
                           problems.front().path + " " + problems.front().text};
    return trusted;
}

} // namespace

Trust::Trust(const std::vector<std::filesystem::path>& shipped, const std::filesystem::path& file,
             bool trust_all, std::vector<config::Problem>& problems)
    : trusted_(readTrust(file, problems)), trust_all_(trust_all) {
    for (const auto& folder : shipped) {
        const auto list = base::readFile(folder / kShippedList, kFileMax);
        if (!list) continue;
        std::istringstream lines(*list);
        for (std::string line; std::getline(lines, line);)
            if (isHash(line.substr(0, 64))) shipped_.insert(line.substr(0, 64));
    }
}

Standing Trust::of(const loader::PluginFile& file) const {
    if (shipped_.contains(file.hash)) return Standing::Shipped;
    return trust_all_ || trusted_.contains(file.hash) ? Standing::Trusted : Standing::Unknown;
}

const TrustedPlugin* Trust::find(const std::string& hash) const {
    const auto found = trusted_.find(hash);
    return found == trusted_.end() ? nullptr : &found->second;
}

base::Result<void> Trust::add(const std::filesystem::path& file, const TrustedPlugin& entry) {
    auto trusted = load(file);
    if (!trusted) return trusted.error();
    (*trusted)[entry.hash] = entry;
    return write(file, *trusted);
}

base::Result<bool> Trust::remove(const std::filesystem::path& file, const std::string& hash) {
    auto trusted = load(file);
    if (!trusted) return trusted.error();
    if (trusted->erase(hash) == 0) return false;
    const auto written = write(file, *trusted);
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
