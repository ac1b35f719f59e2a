#include "base/random.h"
#include "base/utf8.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace std::string_literals;

namespace {

const std::string kBroken = "\xEF\xBF\xBD"; // U+FFFD, which stands for what was broken

std::string brokenTimes(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += kBroken;
    return text;
}

} // namespace

TEST_CASE("the edges of RFC 3629 are valid", "[base]") {
    const auto text =
        GENERATE(""s, "\0"s, "\x7F"s, "\xC2\x80"s, "\xDF\xBF"s, "\xE0\xA0\x80"s, "\xED\x9F\xBF"s,
                 "\xEE\x80\x80"s, "\xEF\xBF\xBF"s, "\xF0\x90\x80\x80"s, "\xF4\x8F\xBF\xBF"s);
    CHECK(base::isUtf8(text));
    CHECK(base::repairUtf8(text) == text);
    // Behind text of every length up to where eight bytes are looked at at once.
    for (std::size_t before = 1; before < 20; ++before)
        CHECK(base::isUtf8(std::string(before, 'x') + text + "behind it"));
}

TEST_CASE("overlong, surrogate, cut off and stray bytes are not valid", "[base]") {
    const auto bytes = GENERATE(
        // stray
        "\x80"s, "\xBF"s, "\xFE"s, "\xFF"s, "\xF5\x80\x80\x80"s, "\xF8\x88\x80\x80\x80"s,
        // overlong
        "\xC0\x80"s, "\xC1\xBF"s, "\xE0\x80\x80"s, "\xE0\x9F\xBF"s, "\xF0\x80\x80\x80"s,
        "\xF0\x8F\xBF\xBF"s,
        // surrogates, and above U+10FFFF
        "\xED\xA0\x80"s, "\xED\xBF\xBF"s, "\xF4\x90\x80\x80"s,
        // cut off
        "\xC2"s, "\xE2\x82"s, "\xF0\x9F\x98"s, "\xE2x"s, "\xF0\x9F\x98x"s);
    for (std::size_t before = 0; before < 20; ++before) {
        const std::string text = std::string(before, 'x') + bytes;
        CHECK_FALSE(base::isUtf8(text));
        CHECK_FALSE(base::isUtf8(text + "behind it"));
        CHECK(base::isUtf8(base::repairUtf8(text)));
    }
}

// The tables of the Unicode Standard, chapter 3.9: "U+FFFD Substitution of Maximal Subparts".
TEST_CASE("every maximal broken part becomes one replacement character", "[base]") {
    CHECK(base::repairUtf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41") == brokenTimes(8) + "A");
    CHECK(base::repairUtf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41") == brokenTimes(8) + "A");
    CHECK(base::repairUtf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42") ==
          brokenTimes(5) + "A" + brokenTimes(2) + "B");
    CHECK(base::repairUtf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41") == brokenTimes(4) + "A");
    CHECK(base::repairUtf8("a\xF1\x80\x80\xE1\x80\xC2"
                           "b\x80"
                           "c\x80\xBF"
                           "d") ==
          "a" + brokenTimes(3) + "b" + kBroken + "c" + brokenTimes(2) + "d");
    // The same where the text ends in the middle of a character.
    CHECK(base::repairUtf8("a\xE2\x82") == "a" + kBroken);
    CHECK(base::repairUtf8("\xF0\x9F\x98") == kBroken);
    CHECK(base::repairUtf8("\xF0\x80\x80") == brokenTimes(3));
}

TEST_CASE("whatever the bytes a repair makes valid text of them once and for all", "[base]") {
    base::SeededRandom random(3);
    for (int round = 0; round < 5000; ++round) {
        std::string bytes(random.next() % 40, '\0');
        // Mostly lead and following bytes, so that almost right sequences are common.
        for (char& byte : bytes) {
            const std::uint64_t bits = random.next();
            byte = static_cast<char>((bits & 3U) == 0 ? bits >> 8U & 0x7FU
                                                      : (bits >> 8U & 0x7FU) | 0x80U);
        }
        const std::string repaired = base::repairUtf8(bytes);
        REQUIRE(base::isUtf8(repaired));
        REQUIRE(base::repairUtf8(repaired) == repaired);
        REQUIRE((repaired == bytes) == base::isUtf8(bytes));
    }
}

TEST_CASE("a text is never cut inside a character", "[base]") {
    const std::string text = "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80z"; // 1, 2, 3, 4 and 1 bytes
    const std::size_t whole[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11};
    for (std::size_t max = 0; max < std::size(whole); ++max) {
        CHECK(base::truncateUtf8(text, max) == text.substr(0, whole[max]));
        CHECK(base::isUtf8(base::truncateUtf8(text, max)));
    }
    CHECK(base::truncateUtf8(text, 1000) == text);
}

TEST_CASE("a text that is shown steers nothing", "[base]") {
    using hearback::base::printable;
    CHECK(printable("plain\nGr\xC3\xBC\xC3\x9F"
                    "e",
                    100) == "plain\nGr\xC3\xBC\xC3\x9F"
                            "e");
    CHECK(printable("\x1b[31mred\x07\x7f\rback\ttab", 100) == " [31mred   back tab");
    CHECK(printable(std::string("a\0b", 3), 100) == "a b");
    CHECK(printable("a\xC2\x9B"
                    "31mb\xC2\xA0"
                    "c",
                    100) == "a 31mb\xC2\xA0"
                            "c");
    CHECK(printable("caf\xE9", 100) == "caf\xEF\xBF\xBD");
    CHECK(printable("caf\xC3\xA9", 4) == "caf");
    CHECK(printable(std::string(1 << 20, '\xFF'), 10).size() <= 10);
    CHECK(printable("\xC2", 10) == "\xEF\xBF\xBD");
}
