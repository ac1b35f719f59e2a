// Wakes instances at the time that they asked for: one time each, the earliest. Any thread.
#pragma once

#include "base/clock.h"

#include <functional>
#include <map>
#include <mutex>
#include <thread>

namespace hearback::runtime {

class Scheduler {
  public:
    explicit Scheduler(base::Clock& clock) : clock_(clock) {}
    // Wakes nobody any more.
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    // Calls `wake`, on a thread of its own, when the time of day is `at`, unless an earlier one
    // stands for this owner already. One that has passed is now.
    void wakeAt(const void* owner, base::Micros at, std::function<void()> wake);
    // Afterwards the owner is not woken: not even by a call that was under way.
    void cancel(const void* owner);

  private:
    struct Entry {
        base::Micros at = 0;
        std::function<void()> wake;
    };

    void run(const std::stop_token& stop);

    base::Clock& clock_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<const void*, Entry> entries_;
    const void* waking_ = nullptr; // who is being woken
    std::jthread thread_;          // from the first time on
};

} // namespace hearback::runtime
