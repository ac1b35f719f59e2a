// What one process at a time may do. A lock of the operating system, so that it is free again
// however its holder ended.
#pragma once

#include <filesystem>

namespace hearback::base {

class FileLock {
  public:
    explicit FileLock(const std::filesystem::path& file);
    ~FileLock();
    FileLock(const FileLock&) = delete;
    FileLock& operator=(const FileLock&) = delete;

    // False where another process holds it.
    bool tryTake();

  private:
    int fd_ = -1;
    bool taken_ = false;
};

} // namespace hearback::base
