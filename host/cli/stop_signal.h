// SIGINT and SIGTERM as something to wait for, and for a service SIGHUP, which asks it to look
// anew. Make one before any thread: threads inherit that the signals are not theirs. A second
// signal to stop ends the process at once.
#pragma once

#include "base/clock.h"

#include <thread>
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

// While it lives, a signal to stop ends the process at once: for the time of a start, which has
// nothing under way that a kill could lose. Make it after a StopSignal.
class EndsAtOnce {
  public:
    EndsAtOnce();

  private:
    std::jthread waiting_;
};

// Ends the process where it lives longer than this: what is under way is left as a kill leaves it.
class EndsBy {
  public:
    EndsBy(base::Clock& clock, base::Micros duration);

  private:
    base::Rest rest_;
    std::jthread waiting_;
};

} // namespace hearback::cli
