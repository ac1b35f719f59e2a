#include "deliver/deliver_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace hearback::deliver {

DeliverLock::DeliverLock(const std::filesystem::path& file)
    : fd_(::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {}

DeliverLock::~DeliverLock() {
    if (fd_ >= 0) ::close(fd_);
}

bool DeliverLock::tryTake() {
    if (!taken_) taken_ = fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
    return taken_;
}

} // namespace hearback::deliver
