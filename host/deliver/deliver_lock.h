// Which process delivers: `hearback serve` and `hearback import` may run on one database at the
// same time, and a sink such as a file must have one writer. A lock of the operating system, so
// that it is free again however its holder ended.
#pragma once

#include <filesystem>

namespace hearback::deliver {

class DeliverLock {
  public:
    explicit DeliverLock(const std::filesystem::path& file);
    ~DeliverLock();
    DeliverLock(const DeliverLock&) = delete;
    DeliverLock& operator=(const DeliverLock&) = delete;

    // False where another process holds it.
    bool tryTake();

  private:
    int fd_ = -1;
    bool taken_ = false;
};

} // namespace hearback::deliver
