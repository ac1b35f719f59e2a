// Times as text: what can be read is within the years that can be written, and reads the same when
// it is written.
#include "fuzz/promise.h"

#include <hearback/sdk/time.hpp>

#include <cstring>

using namespace hearback;
using hearback::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::int64_t kFirst = -62135596800; // 0001-01-01
    constexpr std::int64_t kLast = 253402300799;  // 9999-12-31
    const std::string_view text = fuzz::toText(data, size);
    const auto at = parseTime(text);
    if (at) {
        require(*at >= kFirst * 1000000 && *at < (kLast + 1) * 1000000, "a time is of the calendar",
                text);
        const std::string written = formatRfc3339(*at);
        require(parseTime(written) == at, "a time is read as it was written", written);
    }
    std::int64_t any = 0;
    std::memcpy(&any, data, std::min(size, sizeof any));
    require(formatRfc3339(any).back() == 'Z', "every number can be written as a time");
    return 0;
}
