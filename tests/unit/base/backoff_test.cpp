#include "base/backoff.h"

#include <catch2/catch.hpp>

#include <set>

using namespace hearback;

namespace {

class ConstantRandom final : public base::Random {
  public:
    explicit ConstantRandom(std::uint64_t bits) : bits_(bits) {}
    std::uint64_t next() override { return bits_; }

  private:
    std::uint64_t bits_;
};

} // namespace

TEST_CASE("waits double up to the maximum and stay there", "[base]") {
    ConstantRandom lowest(0);
    base::Backoff backoff(lowest, base::kSecond, 5 * base::kSecond);
    for (const int half_seconds : {1, 2, 4, 5, 5, 5})
        CHECK(backoff.next() == half_seconds * base::kSecond / 2);
    for (int i = 0; i < 1000; ++i) REQUIRE(backoff.next() <= 5 * base::kSecond);
}

TEST_CASE("chance adds up to half of a wait and never more", "[base]") {
    ConstantRandom highest(~std::uint64_t{0});
    base::Backoff longest(highest, base::kSecond, base::kMinute);
    const base::Micros wait = longest.next();
    CHECK(wait > base::kSecond - base::kMillisecond);
    CHECK(wait <= base::kSecond);

    base::SeededRandom random(11);
    std::set<base::Micros> different;
    for (int i = 0; i < 200; ++i) {
        base::Backoff backoff(random, base::kSecond, base::kMinute);
        different.insert(backoff.next());
    }
    CHECK(*different.begin() >= base::kSecond / 2);
    CHECK(*different.rbegin() <= base::kSecond);
    CHECK(different.size() > 190);
}

TEST_CASE("after a success waits are short again", "[base]") {
    ConstantRandom lowest(0);
    base::Backoff backoff(lowest, base::kSecond, base::kMinute);
    for (int i = 0; i < 10; ++i) (void)backoff.next();
    backoff.reset();
    CHECK(backoff.next() == base::kSecond / 2);
    CHECK(backoff.next() == base::kSecond);
}
