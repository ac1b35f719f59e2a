#include "runtime/scheduler.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <vector>

using namespace hearback;
using base::kSecond;
using hearback::testing::ManualClock;
using runtime::Scheduler;

namespace {

// Who was woken, in order; waits until so many were.
struct Woken {
    void add(int who) {
        {
            const std::lock_guard lock(mutex);
            order.push_back(who);
        }
        changed.notify_all();
    }
    std::vector<int> waitFor(std::size_t count) {
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::seconds(20), [&] { return order.size() >= count; });
        return order;
    }
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<int> order;
};

} // namespace

TEST_CASE("instances are woken at their times in order", "[scheduler]") {
    ManualClock clock;
    Scheduler scheduler(clock);
    Woken woken;
    const base::Micros now = clock.now();
    const int owners[3] = {0, 1, 2};
    scheduler.wakeAt(&owners[0], now + 30 * kSecond, [&] { woken.add(0); });
    scheduler.wakeAt(&owners[1], now + 10 * kSecond, [&] { woken.add(1); });
    // What has passed is now.
    scheduler.wakeAt(&owners[2], now - base::kHour, [&] { woken.add(2); });
    CHECK(woken.waitFor(1) == std::vector<int>{2});
    clock.advance(10 * kSecond);
    CHECK(woken.waitFor(2) == std::vector<int>{2, 1});
    clock.advance(20 * kSecond);
    CHECK(woken.waitFor(3) == std::vector<int>{2, 1, 0});
}

TEST_CASE("of several times the earliest holds and there is one at a time", "[scheduler]") {
    ManualClock clock;
    Scheduler scheduler(clock);
    Woken woken;
    const int owner = 0;
    const base::Micros now = clock.now();
    scheduler.wakeAt(&owner, now + 20 * kSecond, [&] { woken.add(20); });
    scheduler.wakeAt(&owner, now + 60 * kSecond, [&] { woken.add(60); });
    scheduler.wakeAt(&owner, now + 5 * kSecond, [&] { woken.add(5); });
    clock.advance(base::kHour);
    CHECK(woken.waitFor(1) == std::vector<int>{5});
    // Nothing is left of the others: what comes next is the next one.
    scheduler.wakeAt(&owner, clock.now() + kSecond, [&] { woken.add(1); });
    clock.advance(2 * kSecond);
    CHECK(woken.waitFor(2) == std::vector<int>{5, 1});
}

TEST_CASE("who cancelled is not woken any more", "[scheduler]") {
    ManualClock clock;
    Woken woken;
    const int owner = 0;
    const int other = 0;
    Scheduler scheduler(clock);
    scheduler.wakeAt(&owner, clock.now() + kSecond, [&] { woken.add(1); });
    scheduler.cancel(&owner);
    scheduler.wakeAt(&other, clock.now() + 2 * kSecond, [&] {
        scheduler.cancel(&other); // out of its own call
        woken.add(2);
    });
    clock.advance(base::kMinute);
    CHECK(woken.waitFor(1) == std::vector<int>{2});
}

TEST_CASE("the time of day may be put forward", "[scheduler]") {
    // Steady time stands while the other one jumps: an hour is over when the clock says so.
    ManualClock clock;
    Scheduler scheduler(clock);
    Woken woken;
    const int owner = 0;
    scheduler.wakeAt(&owner, clock.now() + base::kHour, [&] { woken.add(1); });
    clock.advance(base::kHour);
    CHECK(woken.waitFor(1) == std::vector<int>{1});
}

TEST_CASE("the end of the scheduler wakes nobody", "[scheduler]") {
    ManualClock clock;
    Woken woken;
    {
        Scheduler scheduler(clock);
        scheduler.wakeAt(&woken, clock.now() + base::kHour, [&] { woken.add(1); });
    }
    clock.advance(base::kDay);
    CHECK(woken.order.empty());
}
