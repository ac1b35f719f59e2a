#include "app/plugins.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "runtime/trust.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

// A file, or the one that has the plugin with this id; told where there is none.
std::optional<loader::PluginFile> findFile(const config::Settings& settings,
                                           const std::string& what) {
    std::error_code error;
    if (std::filesystem::exists(what, error)) {
        loader::PluginFile file = loader::inspectPlugin(std::filesystem::absolute(what));
        if (file.problem.empty()) return file;
        complain(file.path.string() + " " + file.problem);
        return std::nullopt;
    }
    const loader::Catalog catalog(app::pluginDirectories(settings));
    const auto found = catalog.find(what);
    if (found) return *found->file;
    complain(found.error());
    return std::nullopt;
}

} // namespace

int runPluginTrust(const CommonOptions& common, const std::string& what) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    const auto file = findFile(*settings, what);
    if (!file) return kNotFound;
    if (const std::string writable = runtime::writableByOthers(file->path); !writable.empty()) {
        complain(file->path.string() + " would not be loaded: " + writable);
        return kFailed;
    }
    runtime::TrustedPlugin entry;
    entry.hash = file->hash;
    entry.from = file->path.string();
    for (const loader::PluginManifest& plugin : file->manifest.plugins) {
        entry.plugin += (entry.plugin.empty() ? "" : ", ") + plugin.id;
        entry.version = plugin.version;
    }
    const auto added = runtime::Trust::add(settings->trust_file, entry);
    if (!added) {
        complain(added.error());
        return kFailed;
    }
    if (common.json) {
        std::printf("%s\n", nlohmann::json{{"plugin", entry.plugin},
                                           {"version", entry.version},
                                           {"sha256", entry.hash},
                                           {"file", entry.from},
                                           {"trust_file", settings->trust_file.string()}}
                                .dump(2)
                                .c_str());
        return kDone;
    }
    std::printf("%s may run, as it is now (SHA-256 %s)\n", entry.plugin.c_str(),
                entry.hash.c_str());
    for (const loader::PluginManifest& plugin : file->manifest.plugins)
        std::printf("  %s needs %s\n", plugin.id.c_str(),
                    plugin.needs.empty() ? "nothing" : joined(plugin.needs).c_str());
    std::printf("  noted in %s; a changed file has to be trusted again\n",
                settings->trust_file.c_str());
    return kDone;
}

int runPluginUntrust(const CommonOptions& common, const std::string& what) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    std::string hash = what;
    if (what.size() != 64) {
        const auto file = findFile(*settings, what);
        if (!file) return kNotFound;
        hash = file->hash;
    }
    const auto removed = runtime::Trust::remove(settings->trust_file, hash);
    if (!removed) {
        complain(removed.error());
        return kFailed;
    }
    if (!*removed) {
        complain(what + " is not trusted in " + settings->trust_file.string());
        return kNotFound;
    }
    std::printf("%s may not run any more; what runs already does until the next start\n",
                what.c_str());
    return kDone;
}

int runPluginQuarantine(const CommonOptions& common) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const runtime::Quarantine quarantine(&store->database(), environment.clock);
    const auto entries = quarantine.list();
    if (!entries) {
        complain(entries.error());
        return kFailed;
    }
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const auto& entry : *entries)
            list.push_back({{"instance", entry.instance},
                            {"plugin", entry.plugin},
                            {"crashes", entry.crashes},
                            {"quarantined_at_us", entry.quarantined_at},
                            {"cause", entry.cause}});
        std::printf("%s\n", list.dump(2).c_str());
        return kDone;
    }
    if (entries->empty()) {
        std::printf("nothing is in quarantine\n");
        return kDone;
    }
    Table table({"instance", "plugin", "crashes", "what", "last cause"});
    for (const auto& entry : *entries)
        table.add({entry.instance, entry.plugin, std::to_string(entry.crashes),
                   entry.quarantined_at != 0 ? "in quarantine" : "runs in a worker", entry.cause});
    std::printf("%s", table.text().c_str());
    return kDone;
}

int runPluginRelease(const CommonOptions& common, const std::string& instance) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    runtime::Quarantine quarantine(&store->database(), environment.clock);
    const auto released = quarantine.release(instance);
    if (!released) {
        complain(released.error());
        return kFailed;
    }
    if (!*released) {
        complain("\"" + instance +
                 "\" is not in quarantine; `hearback plugin quarantine` lists "
                 "what is");
        return kNotFound;
    }
    std::printf("%s runs again within some seconds; one that took the host along runs in it again "
                "from the next start on\n",
                instance.c_str());
    return kDone;
}

} // namespace hearback::cli
