// The configured plugins and rules of an installation: what `hearback check` looks at and what the
// engine runs.
#pragma once

#include "app/environment.h"
#include "app/store.h"
#include "config/settings.h"
#include "egress/http_client.h"
#include "egress/recording.h"
#include "pipeline/plugins.h"
#include "route/rule_book.h"
#include "runtime/plugin_host.h"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hearback::app {

// Where the running program lies, and beside it the worker's.
std::filesystem::path programDirectory();
// Where the plugins of this build are.
std::vector<std::filesystem::path> shippedDirectories();
// Where `hearback plugin install` puts packages, a folder for each.
std::filesystem::path installDirectory(const config::Settings& settings);
// Where plugins are looked for: beside the program, in the installation, among the installed
// packages, where the settings say.
std::vector<std::filesystem::path> pluginDirectories(const config::Settings& settings);

// Where the crash handler says which plugin it was.
std::filesystem::path crashFile(const config::Settings& settings);

class Plugins {
  public:
    // Checks everything that the settings say about classifiers, sinks and rules, and makes them.
    // With problems, nothing of it may be used. `store`: null where no data is open.
    Plugins(const config::Settings& settings, Environment& environment, Store* store,
            std::vector<config::Problem>& problems);

    // A source, configured and not started; null, with the problems told, where it cannot be.
    std::unique_ptr<pipeline::Source> makeSource(const config::PluginSettings& source,
                                                 std::vector<config::Problem>& problems);
    // The same, for its check() alone.
    std::shared_ptr<loader::PluginInstance> makeInstance(const config::PluginSettings& plugin,
                                                         const std::string& kind,
                                                         std::vector<config::Problem>& problems) {
        return host_.makeInstance(plugin, kind, problems);
    }

    // Whether it is passed over because only plugins of this build shall run.
    bool leavesOut(const config::PluginSettings& plugin) const { return host_.leavesOut(plugin); }
    // Offers everything that runs the version of its plugin that lies there now; gives the channels
    // that have one waiting, to be started again. An error where the trust file cannot be used.
    base::Result<std::set<std::string>> upgrade();
    runtime::Quarantine& quarantine() { return quarantine_; }

    const loader::Catalog& catalog() const { return host_.catalog(); }
    // When the access token of an instance ends; 0: it has none, or one without an end.
    base::Micros tokenEndsAt(const std::string& instance) const {
        return host_.oauth().endsAt(instance);
    }
    std::vector<pipeline::Classifier*> classifiers() const;
    std::vector<pipeline::Sink*> sinks() const;
    route::RuleBook& rules() { return *rules_; }
    // From now on these; with problems, those before stay in force.
    void replaceRules(const std::vector<config::RuleSettings>& rules,
                      std::vector<config::Problem>& problems);

  private:
    runtime::Trust readTrust(std::vector<config::Problem>& problems) const;
    void noteCrashOfHost();

    const config::Settings& settings_;
    std::unique_ptr<egress::Recording> recording_; // where HTTP is recorded or played back
    egress::HttpClient http_;
    runtime::Quarantine quarantine_;
    runtime::UpgradeNotes upgrades_;
    runtime::WorkerPool workers_;
    runtime::PluginHost host_;
    std::vector<std::unique_ptr<pipeline::Classifier>> classifiers_;
    std::vector<std::unique_ptr<pipeline::Sink>> sinks_;
    // What rules may name.
    std::vector<route::KnownClassifier> known_;
    std::vector<std::string> sink_names_;
    std::unique_ptr<route::RuleBook> rules_;
};

} // namespace hearback::app
