// SIGINT and SIGTERM as something to wait for. Make one before any thread: threads inherit that the
// signals are not theirs. A second signal ends the process at once.
#pragma once

#include "base/clock.h"

namespace hearback::cli {

class StopSignal {
  public:
    StopSignal();
    // True where a signal came, before or during the wait.
    bool wait(base::Micros duration);
    const char* name() const;

  private:
    int received_ = 0;
};

} // namespace hearback::cli
