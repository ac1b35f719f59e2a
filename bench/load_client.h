// Many HTTP connections from one thread: each sends its next request when the last one was
// answered.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hearback::bench {

struct LoadResult {
    std::uint64_t answers = 0;
    std::uint64_t refused = 0; // not 2xx
    std::uint64_t starved = 0; // connections without a single answer
    double seconds = 0;
    double p50_ms = 0;
    double p99_ms = 0;
    double perSecond() const { return seconds > 0 ? static_cast<double>(answers) / seconds : 0; }
};

// `requests` are whole requests, sent in turn, each once; ends when all are answered or after
// `seconds`.
LoadResult runLoad(std::uint16_t port, int connections, const std::vector<std::string>& requests,
                   double seconds);

} // namespace hearback::bench
