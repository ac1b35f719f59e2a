// Time, chance and figures: one of each for the whole process.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"

namespace hearback::app {

struct Environment {
    base::SystemClock clock;
    base::SystemRandom random;
    base::Metrics metrics;
};

} // namespace hearback::app
