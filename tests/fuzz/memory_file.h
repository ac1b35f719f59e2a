// A file in memory, for what reads files by their path.
#pragma once

#include "fuzz/promise.h"

#include <sys/mman.h>
#include <unistd.h>

namespace hearback::fuzz {

class MemoryFile {
  public:
    MemoryFile() : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
        require(fd_ >= 0, "there are files in memory");
    }
    ~MemoryFile() { ::close(fd_); }
    MemoryFile(const MemoryFile&) = delete;
    MemoryFile& operator=(const MemoryFile&) = delete;

    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }
    void write(std::string_view content) const {
        const auto size = static_cast<ssize_t>(content.size());
        require(::ftruncate(fd_, 0) == 0 &&
                    ::pwrite(fd_, content.data(), content.size(), 0) == size,
                "a file in memory takes everything");
    }

  private:
    int fd_;
};

} // namespace hearback::fuzz
