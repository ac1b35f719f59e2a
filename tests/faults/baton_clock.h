// The clock of one thread that shall run only when the test says so: the thread gives the baton
// back where it waits, and goes on from there when it gets it again. So several threads are one,
// and the same turns give the same run.
#pragma once

#include "base/clock.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace hearback::testing {

class BatonClock final : public base::Clock {
  public:
    explicit BatonClock(base::Clock& time) : time_(time) {}

    base::Micros now() const override { return time_.now(); }
    base::Micros steady() const override { return time_.steady(); }
    // Of the thread: until its next turn.
    void wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
              base::Micros) override {
        if (isFree()) {
            changed.wait_for(lock, std::chrono::milliseconds(1));
            return;
        }
        lock.unlock();
        giveBack();
        lock.lock();
    }
    void giveBack() {
        std::unique_lock lock(mutex_);
        if (is_free_) return;
        has_turn_ = false;
        changed_.notify_all();
        changed_.wait(lock, [&] { return has_turn_ || is_free_; });
    }

    // Of the test: one turn for the thread; `begin` starts it where it does not run yet.
    template <class Begin>
    void firstTurn(Begin&& begin) {
        has_turn_ = true;
        begin();
        awaitBaton();
    }
    void turn() {
        {
            const std::lock_guard lock(mutex_);
            has_turn_ = true;
        }
        changed_.notify_all();
        awaitBaton();
    }
    // From here on the thread runs by itself, to its end.
    void setFree() {
        {
            const std::lock_guard lock(mutex_);
            is_free_ = true;
        }
        changed_.notify_all();
    }

  private:
    bool isFree() {
        const std::lock_guard lock(mutex_);
        return is_free_;
    }
    void awaitBaton() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return !has_turn_; });
    }

    base::Clock& time_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool has_turn_ = false;
    bool is_free_ = false;
};

} // namespace hearback::testing
