// Builds, checks and runs what is in the folder of a project, again after every change. Where a
// step fails, the last version that did run goes on. One thread.
#pragma once

#include "cli/commands.h"
#include "cli/dev/project.h"
#include "cli/dev/session.h"
#include "cli/dev/watch.h"
#include "cli/stop_signal.h"

#include <memory>
#include <optional>
#include <string>

namespace hearback::cli::dev {

class Workshop {
  public:
    Workshop(const CommonOptions& common, const DevOptions& options, const Project& project,
             const Ground& ground, StopSignal& signal)
        : common_(common), options_(options), project_(project), ground_(ground), signal_(signal) {}

    // Until a signal ends it. Gives the status of exit.
    int watch(Watch& watch);
    // Until the source has given what it has, or the samples are shown.
    int once();

  private:
    bool renew();
    bool replace(std::unique_ptr<Session> next);
    void takeUpAgain();
    void tellWhatGoesOn();
    void end(Session* session);

    const CommonOptions& common_;
    const DevOptions& options_;
    const Project& project_;
    const Ground ground_;
    StopSignal& signal_;
    std::unique_ptr<Session> session_; // the version that runs, or was shown last
    std::string running_;              // what it was made of
};

} // namespace hearback::cli::dev
