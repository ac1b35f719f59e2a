#include "base/clock.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace hearback;
using base::Rest;
using hearback::testing::ManualClock;

namespace {

// Lets a second pass each time somebody waits on it.
class TickingClock final : public base::Clock {
  public:
    base::Micros now() const override { return steady_; }
    base::Micros steady() const override { return steady_; }
    void wait(std::unique_lock<std::mutex>&, std::condition_variable_any&, base::Micros) override {
        steady_ += base::kSecond;
    }

  private:
    base::Micros steady_ = 0;
};

} // namespace

TEST_CASE("a wake before the wait is not lost and counts once", "[base]") {
    TickingClock clock;
    Rest rest(clock);
    rest.wake();
    rest.wake();
    CHECK(rest.wait(base::kHour, {}));
    CHECK(clock.steady() == 0);
    CHECK_FALSE(rest.wait(base::kMinute, {}));
}

TEST_CASE("a rest lasts as long as was asked for though the wait wakes for nothing", "[base]") {
    TickingClock clock;
    Rest rest(clock);
    CHECK_FALSE(rest.wait(base::kMinute, {}));
    CHECK(clock.steady() == base::kMinute);
    CHECK_FALSE(rest.wait(0, {}));
    CHECK(clock.steady() == base::kMinute);
}

TEST_CASE("a wake from another thread ends a rest", "[base]") {
    ManualClock clock;
    Rest rest(clock);
    bool woken = false;
    std::thread resting([&] { woken = rest.wait(base::kHour, {}); });
    rest.wake();
    resting.join();
    CHECK(woken);
}

TEST_CASE("a stop ends a rest at once and those that follow", "[base]") {
    ManualClock clock;
    Rest rest(clock);
    bool woken = true;
    std::jthread resting([&](const std::stop_token& stop) {
        woken = rest.wait(base::kHour, stop);
        woken = rest.wait(base::kHour, stop) || woken;
    });
    resting.request_stop();
    resting.join();
    CHECK_FALSE(woken);
    CHECK(clock.steady() == 0);
}

TEST_CASE("the system's clocks go on and a deadline in the past is no wait", "[base]") {
    base::SystemClock clock;
    const base::Micros begun = clock.steady();
    CHECK(clock.now() > 1767225600 * base::kSecond); // 2026
    std::mutex mutex;
    std::condition_variable_any changed;
    std::unique_lock lock(mutex);
    clock.wait(lock, changed, begun - base::kHour);
    clock.wait(lock, changed, begun + base::kMillisecond);
    CHECK(lock.owns_lock());
    CHECK(clock.steady() >= begun);
    CHECK(clock.steady() < begun + base::kMinute);
}
