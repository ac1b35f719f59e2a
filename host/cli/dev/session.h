// One version of the plugin at work: in a worker, on data of its own, from the checkpoint that the
// last version left. A channel runs until the session ends; a classifier and a sink are given
// samples. Made, used and ended by one thread.
#pragma once

#include "app/engine.h"
#include "cli/dev/console.h"
#include "cli/dev/project.h"
#include "http/server.h"
#include "intake/ingress.h"

#include <memory>
#include <string>

namespace hearback::cli::dev {

class Session {
  public:
    // Null, and told, where the plugin cannot be made. `settings` of the configuration, if there
    // is one, tell how it is configured.
    static std::unique_ptr<Session> begin(const Project& project, const loader::PluginFile& plugin,
                                          config::Settings settings, Console& console);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // Call now and then: says once where the channel has given up.
    void look();
    // False where the plugin does not return: then the process can only be left by _Exit().
    bool end();

  private:
    Session(config::Settings settings, Console& console)
        : settings_(std::move(settings)), console_(console) {}
    bool open();
    bool make(const Project& project, const loader::PluginManifest& manifest);
    bool makeChannel(const config::PluginSettings& plugin);
    bool listen();
    bool tell(const std::vector<config::Problem>& problems);

    config::Settings settings_;
    Console& console_;
    app::Environment environment_;
    std::unique_ptr<app::Store> store_;
    std::unique_ptr<app::Plugins> plugins_;
    std::unique_ptr<app::Engine> engine_;
    std::unique_ptr<pipeline::Source> source_;
    std::unique_ptr<intake::Ingress> ingress_;
    std::unique_ptr<http::Server> server_;
    std::unique_ptr<intake::SourceRunner> runner_;
    bool has_told_ = false;
};

} // namespace hearback::cli::dev
