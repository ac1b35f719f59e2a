// Runs the calls of one instance, in their order, on as many threads as the plugin allows at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace hearback::worker {

class Lane {
  public:
    // Calls that wait at most; the host never sends so many.
    static constexpr std::size_t kWaitingMax = 1024;

    // Threads come to be when they are needed: a plugin may allow more than the process has room
    // for.
    explicit Lane(std::size_t threads_max) : threads_max_(threads_max) {}

    // False where too much waits already, or nobody can do it.
    bool add(std::function<void()> work) {
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.size() >= kWaitingMax) return false;
            if (waiting_.size() >= idle_ && threads_.size() < threads_max_) begin();
            if (threads_.empty()) return false;
            waiting_.push_back(std::move(work));
        }
        added_.notify_one();
        return true;
    }

  private:
    // With the lock held. Where the system gives no thread, those that are there do the work.
    void begin() {
        try {
            threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
        } catch (const std::system_error&) {
            threads_max_ = threads_.size();
        }
    }

    void work(const std::stop_token& stop) {
        for (;;) {
            std::function<void()> next;
            {
                std::unique_lock lock(mutex_);
                ++idle_;
                const bool is_there = added_.wait(lock, stop, [&] { return !waiting_.empty(); });
                --idle_;
                if (!is_there) return;
                next = std::move(waiting_.front());
                waiting_.pop_front();
            }
            next();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any added_;
    std::deque<std::function<void()>> waiting_;
    std::size_t threads_max_;
    std::size_t idle_ = 0; // threads that wait for something to do
    std::vector<std::jthread> threads_;
};

} // namespace hearback::worker
