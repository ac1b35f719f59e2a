// What every harness begins with. A promise that does not hold ends the process; libFuzzer then
// keeps the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace hearback::fuzz {

inline void require(bool holds, const char* promise, std::string_view found = {}) {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %s\n%.*s\n", promise, static_cast<int>(found.size()),
                 found.data());
    std::abort();
}

inline std::string_view toText(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// The piece up to the separator, which goes with it; all that is left where there is none.
inline std::string_view takeUntil(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const std::string_view piece = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return piece;
}

} // namespace hearback::fuzz
