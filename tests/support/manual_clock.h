// A clock that stands still until the test moves it; who waits on it is woken by the move.
#pragma once

#include "base/clock.h"

#include <map>

namespace hearback::testing {

class ManualClock final : public base::Clock {
  public:
    // Begins on 2026-03-02 12:00 UTC, a Monday.
    explicit ManualClock(base::Micros now = 1772452800 * base::kSecond) : now_(now) {}

    base::Micros now() const override;
    base::Micros steady() const override;
    void wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
              base::Micros deadline) override;

    void advance(base::Micros by);

  private:
    mutable std::mutex mutex_;
    base::Micros now_;
    base::Micros steady_ = 0;
    std::map<std::condition_variable_any*, int> waiting_;
};

} // namespace hearback::testing
