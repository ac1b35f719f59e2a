#include "base/clock.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace hearback::base {

namespace {

Micros sinceEpoch(auto point) {
    return std::chrono::duration_cast<std::chrono::microseconds>(point.time_since_epoch()).count();
}

} // namespace

Micros SystemClock::now() const { return sinceEpoch(std::chrono::system_clock::now()); }

Micros SystemClock::steady() const { return sinceEpoch(std::chrono::steady_clock::now()); }

void SystemClock::wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                       Micros deadline) {
    // A day at most, so that no sum of time points can overflow.
    const Micros left = std::min(deadline - steady(), kDay);
    if (left > 0) changed.wait_for(lock, std::chrono::microseconds(left));
}

void Rest::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

bool Rest::wait(Micros duration, const std::stop_token& stop) {
    const std::stop_callback on_stop(stop, [this] {
        const std::lock_guard lock(mutex_);
        changed_.notify_all();
    });
    std::unique_lock lock(mutex_);
    const Micros deadline = clock_.steady() + duration;
    while (!woken_ && !stop.stop_requested() && clock_.steady() < deadline)
        clock_.wait(lock, changed_, deadline);
    return std::exchange(woken_, false);
}

} // namespace hearback::base
