// How often and when a delivery is tried again: at once, then 5 s, 5 min, 30 min, 2 h, 5 h, 10 h,
// 10 h, each with up to a tenth more by chance; about 28 hours in all. The schedule is that of
// https://www.standardwebhooks.com/ (operational considerations).
#pragma once

#include "base/clock.h"
#include "base/random.h"

#include <array>
#include <cstdint>
#include <optional>

namespace hearback::deliver {

inline constexpr std::array<base::Micros, 8> kRetryWaits = {0,
                                                            5 * base::kSecond,
                                                            5 * base::kMinute,
                                                            30 * base::kMinute,
                                                            2 * base::kHour,
                                                            5 * base::kHour,
                                                            10 * base::kHour,
                                                            10 * base::kHour};

// How long to wait after so many failed attempts; none: give up.
inline std::optional<base::Micros> retryWait(std::int64_t attempts, base::Random& random) {
    if (attempts < 1 || attempts > static_cast<std::int64_t>(kRetryWaits.size()))
        return std::nullopt;
    const base::Micros wait = kRetryWaits[static_cast<std::size_t>(attempts - 1)];
    return wait + static_cast<base::Micros>(static_cast<double>(wait) * 0.1 * random.unit());
}

} // namespace hearback::deliver
