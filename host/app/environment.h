// Time, chance and figures: one of each for the whole process.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"

namespace hearback::app {

class Environment {
    base::SystemClock system_clock_;
    base::SystemRandom system_random_;

  public:
    Environment() : clock(system_clock_), random(system_random_) {}
    // For what must come out the same every time; both outlive this.
    Environment(base::Clock& own_clock, base::Random& own_random)
        : clock(own_clock), random(own_random) {}

    base::Clock& clock;
    base::Random& random;
    base::Metrics metrics;
};

} // namespace hearback::app
