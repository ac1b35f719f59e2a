#include "check/guarded_bytes.h"

#include "base/check.h"

#include <cstring>
#include <sys/mman.h>
#include <unistd.h>

namespace hearback::check {

GuardedBytes::GuardedBytes(std::string_view bytes, std::size_t alignment) : size_(bytes.size()) {
    HB_ASSERT(size_ % alignment == 0);
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    const std::size_t readable = (size_ / page + 1) * page;
    pages_size_ = readable + page;
    void* const pages =
        ::mmap(nullptr, pages_size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    HB_ASSERT(pages != MAP_FAILED);
    pages_ = static_cast<char*>(pages);
    begin_ = pages_ + readable - size_;
    if (size_ > 0) std::memcpy(begin_, bytes.data(), size_);
    HB_ASSERT(::mprotect(pages_ + readable, page, PROT_NONE) == 0);
}

void GuardedBytes::putAway() { HB_ASSERT(::mprotect(pages_, pages_size_, PROT_NONE) == 0); }

} // namespace hearback::check
