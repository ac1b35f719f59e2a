// SIGINT and SIGTERM as something to wait for, and for a service SIGHUP, which asks it to look
// anew. Make one before any thread: threads inherit that the signals are not theirs. A second
// signal to stop ends the process at once.
#pragma once

#include "base/clock.h"

#include <utility>

namespace hearback::cli {

class StopSignal {
  public:
    enum class Hangup { Ends, IsRequest };
    explicit StopSignal(Hangup hangup = Hangup::Ends);
    // True where a signal to stop came, before or during the wait. A hangup ends the wait.
    bool wait(base::Micros duration);
    // Whether a hangup came since the last question.
    bool takeHangup() { return std::exchange(hung_up_, false); }
    const char* name() const;

  private:
    Hangup hangup_;
    bool hung_up_ = false;
    int received_ = 0;
};

} // namespace hearback::cli
