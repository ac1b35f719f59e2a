// The order of calls that abi.h sets. The SDK keeps it for every plugin: a call that comes at
// another time is refused, and the plugin's class does not see it.
#pragma once

#include <atomic>

namespace hearback::detail {

class Life {
  public:
    bool isConfigured() const { return state_ != State::Created; }
    bool runs() const { return state_ == State::Running; }

    // After configure(), start() and stop(); one that failed leaves less than it found.
    void configured(bool ok) { state_ = ok ? State::Configured : State::Created; }
    void started(bool ok) { state_ = ok ? State::Running : State::Configured; }
    void stopped() { state_ = State::Configured; }

  private:
    enum class State { Created, Configured, Running };
    std::atomic<State> state_{State::Created};
};

} // namespace hearback::detail
