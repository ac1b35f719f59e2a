#include "base/random.h"

#include "base/check.h"

#include <sys/random.h>

namespace hearback::base {

std::string Random::hex(std::size_t digits) {
    std::string text;
    while (text.size() < digits) {
        std::uint64_t bits = next();
        for (int i = 0; i < 16 && text.size() < digits; ++i, bits >>= 4U)
            text += "0123456789abcdef"[bits & 0xfU];
    }
    return text;
}

std::uint64_t SystemRandom::next() {
    std::uint64_t bits = 0;
    const auto got = getrandom(&bits, sizeof bits, 0);
    HB_ASSERT(got == static_cast<ssize_t>(sizeof bits));
    return bits;
}

std::uint64_t SeededRandom::next() {
    const std::lock_guard lock(mutex_);
    return engine_();
}

} // namespace hearback::base
