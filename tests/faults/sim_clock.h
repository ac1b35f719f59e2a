// A clock for one thread: whoever waits on it has waited at once.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <functional>

namespace hearback::testing {

class SimClock final : public base::Clock {
  public:
    base::Micros now() const override { return now_; }
    base::Micros steady() const override { return now_ - kBegin; }
    void wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any&,
              base::Micros deadline) override {
        advance(std::max<base::Micros>(0, deadline - steady()));
        lock.unlock();
        if (on_wait) on_wait();
        lock.lock();
    }
    void advance(base::Micros by) { now_ += by; }

    // Told when somebody waits; what it changes is seen by who waits.
    std::function<void()> on_wait;

  private:
    static constexpr base::Micros kBegin = 1772452800 * base::kSecond; // 2026-03-02 12:00 UTC
    base::Micros now_ = kBegin;
};

} // namespace hearback::testing
