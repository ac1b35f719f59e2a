// Work in a process of its own that is ended in the middle of it, as a host is that loses its
// power.
#pragma once

#include "base/clock.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::check {

// What a judge ends such a process with.
inline constexpr int kNothingToJudge = 3;

// Tells something to the process that does the killing. What was told is told, whatever comes next.
using Note = std::function<void(std::string_view)>;

struct KilledRun {
    std::vector<std::string> notes;
    bool is_done = false;    // the work came to its end
    bool is_skipped = false; // a judge found that there is nothing to judge
    std::string problem;     // it ended by itself, and how
    int signal = 0;          // by this one
};

// Runs `work` in a copy of this process, which must have no other threads. It is killed so long
// after so many notes; never where there is no number.
KilledRun runAndKill(const std::function<void(const Note&)>& work,
                     std::optional<std::size_t> after_notes, base::Micros delay);

} // namespace hearback::check
