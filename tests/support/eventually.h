// Waiting for what another thread does: woken by it, with a limit for the case that it never does.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace hearback::testing {

class Eventually {
  public:
    // Something has happened: `change` is run under the lock, then those who wait look again.
    template <class Change>
    void note(Change&& change) {
        {
            const std::lock_guard lock(mutex_);
            change();
        }
        changed_.notify_all();
    }
    // False where it does not come true within half a minute.
    template <class Condition>
    bool comesTrue(Condition&& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(30), condition);
    }
    template <class Look>
    auto look(Look&& look) {
        const std::lock_guard lock(mutex_);
        return look();
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

} // namespace hearback::testing
