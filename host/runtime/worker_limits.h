// What a worker may use, and how long it may take, before it is ended.
#pragma once

#include "base/clock.h"

#include <cstddef>

namespace hearback::runtime {

struct WorkerLimits {
    // Requests to the host's services that may be under way.
    std::size_t asks_max = 16;
    // Notes (log lines, figures) in ten seconds; a worker that sends more does something else.
    int notes_max = 100000;
    // Processor time within a minute; 0: no limit.
    base::Micros cpu_per_minute = 0;
    // How often it is asked whether it lives, and how long it may take to say so.
    base::Micros heartbeat = 5 * base::kSecond;
    base::Micros heartbeat_max = 20 * base::kSecond;
    // Between asking a call to come back and ending the worker.
    base::Micros grace = 5 * base::kSecond;
};

} // namespace hearback::runtime
