#include "packages/package.h"

#include "app/plugins.h"
#include "app/running_mark.h"
#include "base/file.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "packages/signature.h"
#include "runtime/trust.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <sys/stat.h>
#include <unistd.h>

namespace hearback::cli {

namespace {

using loader::PluginFile;

// A library or a manifest that can be loaded; told where it cannot.
std::optional<PluginFile> loadable(const std::string& file) {
    PluginFile plugin = loader::inspectPlugin(std::filesystem::absolute(file));
    if (plugin.problem.empty()) return plugin;
    complain(plugin.path.string() + " " + plugin.problem);
    return std::nullopt;
}

void printJson(const nlohmann::json& json) { std::printf("%s\n", json.dump(2).c_str()); }

// The folder is gone when this is, unless it was put elsewhere.
class Unpacked {
  public:
    explicit Unpacked(std::filesystem::path folder) : folder_(std::move(folder)) {}
    ~Unpacked() {
        std::error_code error;
        std::filesystem::remove_all(folder_, error);
    }
    Unpacked(const Unpacked&) = delete;
    Unpacked& operator=(const Unpacked&) = delete;
    const std::filesystem::path& path() const { return folder_; }

  private:
    std::filesystem::path folder_;
};

// Empty, or which other file has a plugin of the same id.
std::string whoElseHas(const config::Settings& settings, const PluginFile& plugin,
                       const std::filesystem::path& home) {
    const loader::Catalog catalog(app::pluginDirectories(settings));
    for (const PluginFile& other : catalog.files())
        for (const auto& theirs : other.manifest.plugins)
            for (const auto& ours : plugin.manifest.plugins)
                if (theirs.id == ours.id && other.path.parent_path() != home)
                    return "the plugin \"" + ours.id +
                           "\" is there already: " + other.path.string() + "; remove that first";
    return {};
}

void describe(const PluginFile& plugin, const std::optional<packages::PublicKey>& signer) {
    for (const auto& each : plugin.manifest.plugins)
        complain("  " + each.id + " " + each.version + ", a " + each.kind + ", needs " +
                 (each.needs.empty() ? "nothing" : joined(each.needs)));
    complain("  SHA-256 " + plugin.hash);
    complain(signer ? "  signed by " + *signer : std::string("  signed by nobody"));
}

// Notes the hash in the trust file, as `hearback plugin trust` does.
bool trust(const config::Settings& settings, const PluginFile& plugin, const std::string& from,
           const std::optional<packages::PublicKey>& signer) {
    runtime::TrustedPlugin entry;
    entry.hash = plugin.hash;
    entry.from = from;
    entry.signer = signer.value_or("");
    for (const auto& each : plugin.manifest.plugins) {
        entry.plugin += (entry.plugin.empty() ? "" : ", ") + each.id;
        entry.version = each.version;
    }
    const auto added = runtime::Trust::add(settings.trust_file, entry);
    if (!added) complain(added.error());
    return static_cast<bool>(added);
}

} // namespace

int runPluginKeygen(const CommonOptions& common, const std::string& file) {
    std::error_code error;
    if (std::filesystem::exists(file, error)) {
        complain(file + " exists already: a key that is lost cannot be made again");
        return kFailed;
    }
    ::umask(S_IRWXG | S_IRWXO); // nobody else may read it, from its first byte on
    const packages::Keys keys = packages::makeKeys();
    const auto written = base::writeFile(
        file, "# Signs plugins: hearback plugin sign. Whoever has it is believed to be you.\n"
              "# Its public key: " +
                  keys.public_key + "\n" + keys.secret_key + "\n");
    if (!written) {
        complain(written.error());
        return kFailed;
    }
    if (common.json)
        printJson({{"file", file}, {"public_key", keys.public_key}});
    else
        std::printf("%s\n  the public key, for those who run your plugins: hearback plugin "
                    "trust-signer KEY --name YOU\n  the secret one is in %s: keep it, and keep it "
                    "to yourself\n",
                    keys.public_key.c_str(), file.c_str());
    return kDone;
}

int runPluginSign(const CommonOptions& common, const std::string& file, const std::string& key) {
    const auto plugin = loadable(file);
    if (!plugin) return kNotFound;
    const auto keys = packages::readKeys(key);
    if (!keys) {
        complain(keys.error());
        return kFailed;
    }
    const auto signed_now = packages::sign(*plugin, *keys);
    if (!signed_now) {
        complain(signed_now.error());
        return kFailed;
    }
    const std::string where = packages::signatureFile(plugin->path).string();
    if (common.json)
        printJson({{"signature", where}, {"signer", keys->public_key}, {"sha256", plugin->hash}});
    else
        std::printf("%s\n  signed by %s; a changed file has to be signed again\n", where.c_str(),
                    keys->public_key.c_str());
    return kDone;
}

int runPluginPack(const CommonOptions& common, const PackOptions& options) {
    const auto plugin = loadable(options.file);
    if (!plugin) return kNotFound;
    if (!options.key.empty()) {
        const auto keys = packages::readKeys(options.key);
        const auto signed_now =
            keys ? packages::sign(*plugin, *keys) : base::Result<void>(keys.error());
        if (!signed_now) {
            complain(signed_now.error());
            return kFailed;
        }
    }
    const auto signer = packages::signerOf(*plugin);
    if (!signer) {
        complain(signer.error().message + ": sign it again with --key");
        return kFailed;
    }
    std::vector<std::filesystem::path> for_people(options.with.begin(), options.with.end());
    // What every author writes, where it lies at hand.
    for (const char* name : {"README.md", "LICENSE"}) {
        std::error_code error;
        if (std::filesystem::exists(name, error)) for_people.emplace_back(name);
    }
    const auto package = packages::pack(*plugin, for_people, options.out);
    if (!package) {
        complain(package.error());
        return kFailed;
    }
    if (common.json)
        printJson({{"package", package->string()},
                   {"sha256", plugin->hash},
                   {"signer", signer->value_or("")}});
    else
        std::printf("%s\n  %s; `hearback plugin install` takes it\n", package->c_str(),
                    *signer ? ("signed by " + **signer).c_str() : "not signed");
    return kDone;
}

int runPluginInstall(const CommonOptions& common, const std::string& package, bool may_run) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    const std::filesystem::path directory = app::installDirectory(*settings);
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    const Unpacked fresh(directory / (".unpacked-" + std::to_string(::getpid())));
    const auto plugin = packages::unpack(package, fresh.path());
    if (!plugin) {
        complain(plugin.error());
        return kFailed;
    }
    const auto signer = packages::signerOf(*plugin);
    if (!signer) {
        complain(package + ": " + signer.error().message);
        return kFailed;
    }
    const auto& first = plugin->manifest.plugins.front();
    const std::filesystem::path home = directory / first.id;
    if (const std::string other = whoElseHas(*settings, *plugin, home);
        !other.empty() && plugin->path.parent_path() != home) {
        complain(other);
        return kFailed;
    }
    std::vector<config::Problem> problems;
    const runtime::Trust known(app::shippedDirectories(), settings->trust_file, settings->trust_all,
                               problems);
    if (!problems.empty()) {
        complain(problems.front().path + " " + problems.front().text);
        return kFailed;
    }
    if (known.of(*plugin) == runtime::Standing::Unknown) {
        if (!may_run) {
            complain(package + " holds a plugin that nobody has trusted:");
            describe(*plugin, *signer);
            complain(*signer ? "install it with --trust, or trust all that its signer makes: "
                               "hearback plugin trust-signer " +
                                   **signer + " --name NAME"
                             : "install it with --trust where you know where it comes from");
            return kFailed;
        }
        if (!trust(*settings, *plugin, package, *signer)) return kFailed;
    }
    const auto replaced = packages::replaceFolder(fresh.path(), home);
    if (!replaced) {
        complain(replaced.error());
        return kFailed;
    }
    if (common.json) {
        printJson({{"plugin", first.id},
                   {"version", first.version},
                   {"folder", home.string()},
                   {"sha256", plugin->hash},
                   {"signer", signer->value_or("")}});
        return kDone;
    }
    std::printf("%s %s is installed in %s\n", first.id.c_str(), first.version.c_str(),
                home.c_str());
    if (app::RunningMark::find(settings->data_dir))
        std::printf("  what runs takes it with: hearback plugin upgrade\n");
    return kDone;
}

int runPluginTrustSigner(const CommonOptions& common, const std::string& key,
                         const std::string& name) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    if (!packages::isPublicKey(key)) {
        complain(key + " is no public key: it looks like ed25519:... and `hearback plugin keygen` "
                       "shows it to the author");
        return kUsage;
    }
    const auto added = runtime::Trust::addSigner(settings->trust_file, {key, name});
    if (!added) {
        complain(added.error());
        return kFailed;
    }
    std::printf("every plugin that %s signs may run from now on; noted in %s\n",
                name.empty() ? key.c_str() : name.c_str(), settings->trust_file.c_str());
    return kDone;
}

int runPluginUntrustSigner(const CommonOptions& common, const std::string& key) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    const auto removed = runtime::Trust::removeSigner(settings->trust_file, key);
    if (!removed) {
        complain(removed.error());
        return kFailed;
    }
    if (!*removed) {
        complain(key + " is no trusted signer in " + settings->trust_file.string());
        return kNotFound;
    }
    std::printf("what this signer signs may not run any more; what runs already does until the "
                "next start\n");
    return kDone;
}

} // namespace hearback::cli
