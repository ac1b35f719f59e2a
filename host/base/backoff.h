// Waits that grow while something fails: doubled up to a maximum, with half of it left to chance so
// that many that failed together do not come back together.
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <algorithm>

namespace hearback::base {

class Backoff {
  public:
    Backoff(Random& random, Micros first, Micros maximum)
        : random_(random), first_(first), maximum_(maximum), next_(first) {}

    Micros next() {
        const Micros full = next_;
        next_ = std::min(maximum_, next_ * 2);
        return full / 2 + static_cast<Micros>(static_cast<double>(full) / 2 * random_.unit());
    }
    void reset() { next_ = first_; }

  private:
    Random& random_;
    Micros first_;
    Micros maximum_;
    Micros next_;
};

} // namespace hearback::base
