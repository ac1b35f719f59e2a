// A lock that is handed over in the order of the calls, so that a busy commit does not starve the
// occasional small write.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace hearback::storage {

class FairLock {
  public:
    class Guard {
      public:
        explicit Guard(FairLock& lock) : lock_(lock) { lock_.acquire(); }
        ~Guard() { lock_.release(); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        FairLock& lock_;
    };

  private:
    void acquire() {
        std::unique_lock lock(mutex_);
        const std::uint64_t ticket = next_++;
        turn_.wait(lock, [&] { return serving_ == ticket; });
    }
    void release() {
        {
            const std::lock_guard lock(mutex_);
            ++serving_;
        }
        turn_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable turn_;
    std::uint64_t next_ = 0;
    std::uint64_t serving_ = 0;
};

} // namespace hearback::storage
