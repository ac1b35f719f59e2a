// Runs the calls of one instance, in their order, on as many threads as the plugin allows at once.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace hearback::worker {

class Lane {
  public:
    // Calls that wait at most; the host never sends so many.
    static constexpr std::size_t kWaitingMax = 1024;

    explicit Lane(std::size_t threads) {
        for (std::size_t i = 0; i < threads; ++i)
            threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
    }

    // False where too much waits already.
    bool add(std::function<void()> work) {
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.size() >= kWaitingMax) return false;
            waiting_.push_back(std::move(work));
        }
        added_.notify_one();
        return true;
    }

  private:
    void work(const std::stop_token& stop) {
        for (;;) {
            std::function<void()> next;
            {
                std::unique_lock lock(mutex_);
                if (!added_.wait(lock, stop, [&] { return !waiting_.empty(); })) return;
                next = std::move(waiting_.front());
                waiting_.pop_front();
            }
            next();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any added_;
    std::deque<std::function<void()>> waiting_;
    std::vector<std::jthread> threads_;
};

} // namespace hearback::worker
