#include "check/hunger.h"

#include <cstdlib>
#include <fstream>
#include <malloc.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#    define HEARBACK_CHECK_SANITIZED 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#        define HEARBACK_CHECK_SANITIZED 1
#    endif
#endif
#ifndef HEARBACK_CHECK_SANITIZED
#    define HEARBACK_CHECK_SANITIZED 0
#endif

namespace hearback::check {

namespace {

// Of the address space in use: https://man7.org/linux/man-pages/man5/proc.5.html, statm
std::size_t mappedMemory() {
    std::ifstream in("/proc/self/statm");
    std::size_t pages = 0;
    in >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

} // namespace

bool canStarve() { return HEARBACK_CHECK_SANITIZED == 0; }

Hunger::Hunger(std::size_t left) {
    eaten_.reserve(1 << 20);
    void* const kept = left == 0 ? nullptr : std::malloc(left);
    ::getrlimit(RLIMIT_AS, &before_);
    rlimit now = before_;
    now.rlim_cur = mappedMemory();
    ::setrlimit(RLIMIT_AS, &now);
    // What the allocator has at hand goes too.
    for (std::size_t size = 1 << 20; size >= 16; size /= 2)
        while (eaten_.size() < eaten_.capacity()) {
            void* const piece = std::malloc(size);
            if (piece == nullptr) break;
            eaten_.push_back(piece);
        }
    std::free(kept);
}

Hunger::~Hunger() {
    ::setrlimit(RLIMIT_AS, &before_);
    for (void* const piece : eaten_) std::free(piece);
}

} // namespace hearback::check
