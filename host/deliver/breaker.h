// Keeps calls from an endpoint that is down: after some calls in a row in which nothing worked it
// opens, and then lets a single delivery through after a wait that grows. So a long outage costs
// few attempts, whatever waits. For one thread.
#pragma once

#include "base/backoff.h"
#include "base/clock.h"
#include "base/random.h"

#include <algorithm>

namespace hearback::deliver {

class Breaker {
  public:
    static constexpr int kFailuresToOpen = 5;

    explicit Breaker(base::Random& random) : waits_(random, 2 * base::kSecond, 5 * base::kMinute) {}

    // Whether a call may be made now; where it is a trial, with one delivery.
    bool isOpen(base::Micros now) const { return now < not_before_; }
    bool isOnTrial() const { return failures_ >= kFailuresToOpen; }
    base::Micros opensAt() const { return not_before_; }

    void noteSuccess() {
        failures_ = 0;
        waits_.reset();
    }
    void noteFailure(base::Micros now) {
        if (++failures_ >= kFailuresToOpen)
            not_before_ = std::max(not_before_, now + waits_.next());
    }
    // The endpoint has asked for a pause.
    void pauseUntil(base::Micros until) { not_before_ = std::max(not_before_, until); }

  private:
    base::Backoff waits_;
    int failures_ = 0;
    base::Micros not_before_ = 0;
};

} // namespace hearback::deliver
