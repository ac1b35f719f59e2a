// The only place that knows what time it is. Passed in everywhere, so that a test can live through
// a week in a millisecond.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace hearback::base {

// Microseconds: since 1970 UTC for points in time, plain for durations.
using Micros = std::int64_t;
constexpr Micros kMillisecond = 1000;
constexpr Micros kSecond = 1000 * kMillisecond;
constexpr Micros kMinute = 60 * kSecond;
constexpr Micros kHour = 60 * kMinute;
constexpr Micros kDay = 24 * kHour;

class Clock {
  public:
    virtual ~Clock() = default;
    // The time of day; may jump.
    virtual Micros now() const = 0;
    // Never goes back; for deadlines.
    virtual Micros steady() const = 0;
    // Waits until notified or until steady() reaches `deadline`; may wake for nothing.
    virtual void wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
                      Micros deadline) = 0;
};

class SystemClock final : public Clock {
  public:
    Micros now() const override;
    Micros steady() const override;
    void wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
              Micros deadline) override;
};

// One thread rests here until something is to be done. wake() from any thread; a wake() before the
// wait is not lost.
class Rest {
  public:
    explicit Rest(Clock& clock) : clock_(clock) {}
    void wake();
    // Until woken, stopped, or `duration` has passed. True where it was woken.
    bool wait(Micros duration, const std::stop_token& stop);

  private:
    Clock& clock_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool woken_ = false;
};

} // namespace hearback::base
