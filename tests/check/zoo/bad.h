// Whether this library shall break the rule that this test of the kit looks for: hearback-check's
// own tests choose it by the environment variable HEARBACK_BAD.
#pragma once

#include <cstdlib>
#include <string_view>

inline bool bad(std::string_view test) {
    const char* chosen = std::getenv("HEARBACK_BAD");
    return chosen != nullptr && test == chosen;
}
