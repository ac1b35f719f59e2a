// The running host: the engine, the configured sources, the two HTTP servers.
#pragma once

#include "app/engine.h"
#include "app/sharing.h"
#include "app/source_watch.h"
#include "http/server.h"
#include "http/status.h"
#include "intake/ingress.h"

#include <memory>
#include <string>
#include <vector>

namespace hearback::app {

class Service {
  public:
    // Makes the sources; with problems it must not be started.
    Service(const config::Settings& settings, Environment& environment, Store& store,
            Plugins& plugins, std::vector<config::Problem>& problems);
    ~Service();

    // Starts everything; an error where a port cannot be had.
    base::Result<void> start();
    // Call about once a second.
    void tick();
    // Replaces the plugins of which another version lies there now; see Plugins::upgrade().
    base::Result<void> upgrade();
    // Takes from the file what can change while everything runs: rules and the log's level. Gives
    // how many problems there are; with any, nothing changes. What needs a restart is logged.
    std::size_t reload();
    // Servers first, so that nothing new comes in; then sources, then the engine. False where a
    // plugin does not return: see Engine::stop().
    bool stop();

    http::Status status();
    std::string operatorAddress() const { return operator_server_->address(); }
    std::string intakeAddress() const { return intake_server_->address(); }

  private:
    std::vector<intake::SourceState> sourceStates() const;
    void share();
    bool mayRead(const std::string& source) const;

    const config::Settings& settings_;
    Environment& environment_;
    Store& store_;
    Plugins& plugins_;
    Engine engine_;
    intake::Ingress ingress_;
    SourceWatch watch_;
    std::vector<std::unique_ptr<pipeline::Source>> sources_;
    std::vector<std::unique_ptr<intake::SourceRunner>> runners_;
    std::unique_ptr<Sharing> sharing_; // where hosts share the data
    std::unique_ptr<http::Server> operator_server_;
    std::unique_ptr<http::Server> intake_server_;
    base::Micros started_at_ = 0;
};

} // namespace hearback::app
