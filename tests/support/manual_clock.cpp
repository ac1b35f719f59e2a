#include "support/manual_clock.h"

#include <chrono>

namespace hearback::testing {

base::Micros ManualClock::now() const {
    const std::lock_guard lock(mutex_);
    return now_;
}

base::Micros ManualClock::steady() const {
    const std::lock_guard lock(mutex_);
    return steady_;
}

// Looks up now and then: a notification between the caller's look at the clock and the wait would
// be missed otherwise.
void ManualClock::wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                       base::Micros) {
    {
        const std::lock_guard own(mutex_);
        ++waiting_[&changed];
    }
    changed.wait_for(lock, std::chrono::milliseconds(1));
    const std::lock_guard own(mutex_);
    if (--waiting_[&changed] == 0) waiting_.erase(&changed);
}

void ManualClock::advance(base::Micros by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    steady_ += by;
    for (const auto& [changed, count] : waiting_) changed->notify_all();
}

} // namespace hearback::testing
