// A broken invariant ends the process, in release too: what goes on from there would lie.
#pragma once

namespace hearback::base {

[[noreturn]] void assertionFailed(const char* condition, const char* file, int line) noexcept;

} // namespace hearback::base

#define HB_ASSERT(condition)                                                                       \
    ((condition) ? void() : ::hearback::base::assertionFailed(#condition, __FILE__, __LINE__))
