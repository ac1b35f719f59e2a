#include "base/random.h"

#include <catch2/catch.hpp>

#include <set>

using namespace hearback;

TEST_CASE("the same seed gives the same sequence", "[base]") {
    base::SeededRandom one(5);
    base::SeededRandom same(5);
    base::SeededRandom other(6);
    CHECK(one.hex(32) == same.hex(32));
    CHECK(one.hex(32) != other.hex(32));
}

TEST_CASE("a hexadecimal text has as many digits as asked for", "[base]") {
    base::SystemRandom random;
    for (const std::size_t digits : {0U, 1U, 15U, 16U, 17U, 32U}) {
        const std::string text = random.hex(digits);
        CHECK(text.size() == digits);
        CHECK(text.find_first_not_of("0123456789abcdef") == std::string::npos);
    }
    std::set<std::string> different;
    for (int i = 0; i < 100; ++i) different.insert(random.hex(32));
    CHECK(different.size() == 100);
}

TEST_CASE("a share of one is at least 0 and less than 1", "[base]") {
    base::SeededRandom random(1);
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
        const double share = random.unit();
        REQUIRE(share >= 0);
        REQUIRE(share < 1);
        sum += share;
    }
    CHECK(sum / 1000 == Approx(0.5).margin(0.05));
}
