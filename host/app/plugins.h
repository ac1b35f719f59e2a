// The configured plugins and rules of an installation: what `hearback check` looks at and what the
// engine runs.
#pragma once

#include "app/environment.h"
#include "config/settings.h"
#include "pipeline/plugins.h"
#include "route/router.h"
#include "runtime/http_client.h"
#include "runtime/plugin_host.h"

#include <memory>
#include <vector>

namespace hearback::app {

// Where plugins are looked for: beside the program, in the installation, where the settings say.
std::vector<std::filesystem::path> pluginDirectories(const config::Settings& settings);

class Plugins {
  public:
    // Checks everything that the settings say about classifiers, sinks and rules, and makes them.
    // With problems, nothing of it may be used. `kv` may be null.
    Plugins(const config::Settings& settings, Environment& environment, runtime::KvStore* kv,
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

    const loader::Catalog& catalog() const { return host_.catalog(); }
    std::vector<pipeline::Classifier*> classifiers() const;
    std::vector<pipeline::Sink*> sinks() const;
    route::Router& router() { return *router_; }

  private:
    runtime::HttpClient http_;
    runtime::PluginHost host_;
    std::vector<std::unique_ptr<pipeline::Classifier>> classifiers_;
    std::vector<std::unique_ptr<pipeline::Sink>> sinks_;
    std::unique_ptr<route::Router> router_;
};

} // namespace hearback::app
