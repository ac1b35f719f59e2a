// Chance, passed in like the clock. Any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <random>
#include <string>

namespace hearback::base {

class Random {
  public:
    virtual ~Random() = default;
    virtual std::uint64_t next() = 0;
    // In [0, 1).
    double unit() { return static_cast<double>(next() >> 11U) * 0x1.0p-53; }
    // `digits` hexadecimal digits.
    std::string hex(std::size_t digits);
};

// From the operating system.
class SystemRandom final : public Random {
  public:
    std::uint64_t next() override;
};

// The same sequence for the same seed.
class SeededRandom final : public Random {
  public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    std::uint64_t next() override;

  private:
    std::mutex mutex_;
    std::mt19937_64 engine_;
};

} // namespace hearback::base
