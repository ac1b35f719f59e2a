// Bytes whose end is the end of a page that may be read, and that cannot be read at all any more
// when they are put away: what reads too far or too late does not go unnoticed.
#pragma once

#include <cstddef>
#include <string_view>

namespace hearback::check {

class GuardedBytes {
  public:
    // `alignment`: of the first byte, for a structure; its size is a multiple of it.
    explicit GuardedBytes(std::string_view bytes, std::size_t alignment = 1);
    GuardedBytes(const GuardedBytes&) = delete;
    GuardedBytes& operator=(const GuardedBytes&) = delete;
    // The pages are never given back: nothing else shall come to lie there.
    ~GuardedBytes() { putAway(); }

    const char* data() const { return begin_; }
    std::size_t size() const { return size_; }
    void putAway();

  private:
    char* pages_ = nullptr;
    std::size_t pages_size_ = 0;
    char* begin_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace hearback::check
