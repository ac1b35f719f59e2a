#include "runtime/scheduler.h"

#include <algorithm>
#include <utility>

namespace hearback::runtime {

namespace {

// The time of day may be put forward: how long that goes unnoticed.
constexpr base::Micros kLookMax = 10 * base::kSecond;

} // namespace

Scheduler::~Scheduler() {
    thread_.request_stop();
    {
        // Not between the thread's look at the stop and its wait.
        const std::lock_guard lock(mutex_);
    }
    changed_.notify_all();
}

void Scheduler::wakeAt(const void* owner, base::Micros at, std::function<void()> wake) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(owner);
        if (found != entries_.end() && found->second.at <= at) return;
        entries_[owner] = {at, std::move(wake)};
        if (!thread_.joinable())
            thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
    }
    changed_.notify_all();
}

void Scheduler::cancel(const void* owner) {
    std::unique_lock lock(mutex_);
    entries_.erase(owner);
    // One that cancels itself, out of its own call, must not wait for its end.
    if (std::this_thread::get_id() == thread_.get_id()) return;
    changed_.wait(lock, [&] { return waking_ != owner; });
}

void Scheduler::run(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        const auto next =
            std::min_element(entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
                return a.second.at < b.second.at;
            });
        const base::Micros now = clock_.now();
        if (next == entries_.end() || next->second.at > now) {
            const base::Micros wait =
                next == entries_.end() ? kLookMax : std::min(next->second.at - now, kLookMax);
            clock_.wait(lock, changed_, clock_.steady() + wait);
            continue;
        }
        const auto wake = std::move(next->second.wake);
        waking_ = next->first;
        entries_.erase(next);
        lock.unlock();
        if (wake) wake();
        lock.lock();
        waking_ = nullptr;
        changed_.notify_all();
    }
}

} // namespace hearback::runtime
