// The seeds that a test goes through: so many of its own, or the one in HEARBACK_SEED, to see again
// what one of them has shown.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

namespace hearback::testing {

inline std::vector<std::uint64_t> seeds(std::size_t count, std::uint64_t first = 1) {
    if (const char* given = std::getenv("HEARBACK_SEED")) return {std::stoull(given)};
    std::vector<std::uint64_t> all(count);
    std::iota(all.begin(), all.end(), first);
    return all;
}

// For the message of a test that fails.
inline std::string again(std::uint64_t seed) {
    return "seed " + std::to_string(seed) + "; again with HEARBACK_SEED=" + std::to_string(seed);
}

} // namespace hearback::testing
