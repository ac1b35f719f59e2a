// At most so many deliveries in a minute: a bucket of that size which fills evenly.
#pragma once

#include "base/clock.h"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace hearback::deliver {

class Pace {
  public:
    // 0: no limit.
    explicit Pace(std::int64_t per_minute) : per_minute_(per_minute) {
        left_ = static_cast<double>(per_minute);
    }

    // How many may leave now, of `wanted`.
    std::int64_t allowed(std::int64_t wanted, base::Micros steady) {
        if (per_minute_ == 0) return wanted;
        const double full = static_cast<double>(per_minute_);
        if (seen_at_)
            left_ = std::min(full, left_ + full * static_cast<double>(steady - *seen_at_) /
                                               static_cast<double>(base::kMinute));
        seen_at_ = steady;
        return std::min(wanted, static_cast<std::int64_t>(left_));
    }
    void take(std::int64_t count) {
        if (per_minute_ != 0) left_ -= static_cast<double>(count);
    }
    // How long until one more may.
    base::Micros untilNext() const {
        if (per_minute_ == 0 || left_ >= 1) return 0;
        return static_cast<base::Micros>((1 - left_) * static_cast<double>(base::kMinute) /
                                         static_cast<double>(per_minute_)) +
               1;
    }

  private:
    std::int64_t per_minute_;
    double left_ = 0;
    std::optional<base::Micros> seen_at_;
};

} // namespace hearback::deliver
