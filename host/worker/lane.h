// The calls of one instance in their order, as many at once as the plugin allows. Has no threads:
// who enters and finds room runs the call, and afterwards what has come meanwhile.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>

namespace hearback::worker {

class Lane {
  public:
    // Calls that wait at most; the host never sends so many.
    static constexpr std::size_t kWaitingMax = 1024;
    using Work = std::function<void()>;
    enum class Turn { Now, Later, Refused };

    explicit Lane(std::size_t at_once) : at_once_(at_once) {}

    // Now: run it, then leave(). Later: it is kept, and run by somebody who leaves.
    Turn enter(Work& work) {
        const std::lock_guard lock(mutex_);
        if (running_ < at_once_) {
            ++running_;
            return Turn::Now;
        }
        if (waiting_.size() >= kWaitingMax) return Turn::Refused;
        waiting_.push_back(std::move(work));
        return Turn::Later;
    }
    void leave() {
        for (;;) {
            Work next;
            {
                const std::lock_guard lock(mutex_);
                if (waiting_.empty()) {
                    --running_;
                    return;
                }
                next = std::move(waiting_.front());
                waiting_.pop_front();
            }
            next();
        }
    }

  private:
    const std::size_t at_once_;
    std::mutex mutex_;
    std::size_t running_ = 0;
    std::deque<Work> waiting_;
};

} // namespace hearback::worker
