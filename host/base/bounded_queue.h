// A queue between threads that holds no more than a given weight, so that a slow stage is felt by
// the one before it. An empty queue always takes one, however heavy.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

namespace hearback::base {

enum class Pushed { Yes, Full, Closed };

template <class T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t max_weight) : max_weight_(max_weight) {}

    // Waits for room; `item` is moved from only where the answer is Yes.
    Pushed push(T& item, std::size_t weight, std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        const auto has_room = [&] {
            return closed_ || items_.empty() || weight_ + weight <= max_weight_;
        };
        if (!room_.wait_for(lock, timeout, has_room)) return Pushed::Full;
        if (closed_) return Pushed::Closed;
        items_.emplace_back(std::move(item), weight);
        weight_ += weight;
        lock.unlock();
        filled_.notify_one();
        return Pushed::Yes;
    }

    // Waits for something, then takes what is there up to about `max_weight`, at least one. Empty
    // only where the queue is closed and drained.
    std::vector<T> pop(std::size_t max_weight) {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [&] { return closed_ || !items_.empty(); });
        std::vector<T> taken;
        std::size_t taken_weight = 0;
        while (!items_.empty() &&
               (taken.empty() || taken_weight + items_.front().second <= max_weight)) {
            taken_weight += items_.front().second;
            taken.push_back(std::move(items_.front().first));
            items_.pop_front();
        }
        weight_ -= taken_weight;
        lock.unlock();
        room_.notify_all();
        return taken;
    }

    // Nothing more goes in; what is in can still be taken.
    void close() {
        {
            const std::lock_guard lock(mutex_);
            closed_ = true;
        }
        room_.notify_all();
        filled_.notify_all();
    }

    std::size_t weight() const {
        const std::lock_guard lock(mutex_);
        return weight_;
    }

  private:
    const std::size_t max_weight_;
    mutable std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable filled_;
    std::deque<std::pair<T, std::size_t>> items_;
    std::size_t weight_ = 0;
    bool closed_ = false;
};

} // namespace hearback::base
