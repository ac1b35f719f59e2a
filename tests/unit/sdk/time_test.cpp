#include <hearback/sdk/time.hpp>

#include <catch2/catch.hpp>

#include <random>

using namespace hearback;

namespace {

constexpr std::int64_t kS = 1000000;
constexpr std::int64_t kNoTime = -987654321;

std::int64_t rfc3339(std::string_view text) { return parseRfc3339(text).value_or(kNoTime); }
std::int64_t rfc5322(std::string_view text) { return parseRfc5322(text).value_or(kNoTime); }

} // namespace

TEST_CASE("times of RFC 3339 are read", "[sdk]") {
    CHECK(rfc3339("1970-01-01T00:00:00Z") == 0);
    CHECK(rfc3339("2015-02-16T23:36:05-08:00") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-17t07:36:05z") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-17T13:06:05+05:30") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-17T07:36:05.25Z") == 1424158565 * kS + 250000);
    CHECK(rfc3339("2015-02-17T07:36:05.123456789Z") == 1424158565 * kS + 123456);
    CHECK(rfc3339("2015-02-17T07:36:05,5Z") == 1424158565 * kS + 500000);
    CHECK(rfc3339("2016-12-31T23:59:60Z") == 1483228800 * kS); // a leap second
    CHECK(rfc3339("1969-12-31T23:59:59.5Z") == -500000);
    CHECK(rfc3339("0001-01-01T00:00:00Z") == -62135596800 * kS);
    CHECK(rfc3339("9999-12-31T23:59:59Z") == 253402300799 * kS);
}

TEST_CASE("times as exports write them are read and without a zone are UTC", "[sdk]") {
    CHECK(rfc3339("2015-02-17") == 1424131200 * kS);
    CHECK(rfc3339("2015-02-17 07:36") == 1424158560 * kS);
    CHECK(rfc3339("2015-02-17 07:36:05") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-17 7:36:05") == 1424158565 * kS);
    CHECK(rfc3339("2015-2-17 07:36:05") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-17 07:36:05 UTC") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-17 07:36:05 GMT") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-16 23:36:05 -0800") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-16 23:36:05-08") == 1424158565 * kS);
    CHECK(rfc3339("2015-02-16T24:00:00Z") == rfc3339("2015-02-17T00:00:00Z"));
}

TEST_CASE("a date that no calendar has is no time", "[sdk]") {
    for (const char* text :
         {"2015-13-01", "2015-00-01", "2015-01-00", "2015-01-32", "2015-04-31", "2015-02-29",
          "1900-02-29", "2015-02-30", "0000-01-01", "2015-02-17T25:00:00Z", "2015-02-17T24:00:01Z",
          "2015-02-17T24:30:00Z", "2015-02-17T07:60:00Z", "2015-02-17T07:36:61Z",
          "2015-02-17T07:36:05+24:00", "2015-02-17T07:36:05+01:60"}) {
        INFO(text);
        CHECK(rfc3339(text) == kNoTime);
    }
    for (const char* text : {"2016-02-29", "2000-02-29", "2015-12-31", "2400-02-29"}) {
        INFO(text);
        CHECK(rfc3339(text) != kNoTime);
    }
}

TEST_CASE("a time that its zone carries out of the calendar is none", "[sdk]") {
    CHECK(rfc3339("9999-12-31T23:59:59.999999Z") == 253402300799 * kS + 999999);
    for (const char* text : {"9999-12-31T23:59:59-00:01", "9999-12-31T24:00:00Z",
                             "9999-12-31T23:59:60Z", "0001-01-01T00:00:00+00:01"}) {
        INFO(text);
        CHECK(rfc3339(text) == kNoTime);
    }
    CHECK(rfc5322("Fri, 31 Dec 9999 23:59:59 -2359") == kNoTime);
}

TEST_CASE("what is only almost a time is none", "[sdk]") {
    for (const char* text :
         {"", "2015", "2015-02", "2015-02-17T", "2015-02-17T07", "2015-02-17T07:36:",
          "2015-02-17T07:36:05.", "2015-02-17T07:36:05Zulu", "2015-02-17T07:36:05+",
          "2015-02-17T07:36:05+0", "2015-02-17T07:36:05+01:", "2015-02-17T07:36:05Z ", "15-02-17",
          "2015/02/17", "17.02.2015", "-2015-02-17", "yesterday", "2015-02-17x"}) {
        INFO(text);
        CHECK(rfc3339(text) == kNoTime);
    }
}

// Read as UTC they would be wrong by hours, and nobody would see it.
TEST_CASE("a zone or a half of the day that is not known makes it no time", "[sdk]") {
    for (const char* text : {"2015-02-17 07:36:05 EST", "2015-02-17 11:36 PM",
                             "2015-02-17 11:36 am", "2015-02-17T07:36:05 CET"}) {
        INFO(text);
        CHECK(rfc3339(text) == kNoTime);
        CHECK_FALSE(parseTime(text));
    }
}

TEST_CASE("times of mails and feeds are read", "[sdk]") {
    CHECK(rfc5322("Mon, 16 Feb 2015 23:36:05 -0800") == 1424158565 * kS);
    CHECK(rfc5322("17 Feb 2015 07:36:05 GMT") == 1424158565 * kS);
    CHECK(rfc5322("17 Feb 2015 07:36 UT") == 1424158560 * kS);
    CHECK(rfc5322("Mon,16 Feb 15 23:36:05 PST") == 1424158565 * kS);
    CHECK(rfc5322("Tue, 17 February 2015 02:36:05 EST") == 1424158565 * kS);
    CHECK(rfc5322("Tue, 17 Feb 2015 07:36:05") == 1424158565 * kS);
    CHECK(rfc5322("Fri, 1 Jan 99 00:00:00 Z") == 915148800 * kS);
    CHECK(rfc5322("Wed, 5 Aug 2026 12:00:00 +0530") == 1785911400 * kS);
}

TEST_CASE("what is only almost the time of a mail is none", "[sdk]") {
    for (const char* text :
         {"", "Mon 16 Feb 2015 23:36:05", "16 Foo 2015 23:36:05", "16 Feb 2015", "Feb 16 2015",
          "30 Feb 2015 23:36:05", "16 Feb 2015 23:36:05 XYZ", "16 Feb 2015 23:36:05 -0800 extra",
          "16 Feb 2015 23:36:05 -8", "16 Feb 2015 24:36:05"}) {
        INFO(text);
        CHECK(rfc5322(text) == kNoTime);
    }
}

TEST_CASE("seconds since 1970 are told apart by their size", "[sdk]") {
    CHECK(parseEpoch("1424158565") == 1424158565 * kS);
    CHECK(parseEpoch("1424158565123") == 1424158565123000);
    CHECK(parseEpoch("1424158565123456") == 1424158565123456);
    for (const char* text : {"", "142415856", "14241585651", "142415856512345", "-424158565",
                             "1424158565.5", "14241585651234567"}) {
        INFO(text);
        CHECK_FALSE(parseEpoch(text));
    }
}

TEST_CASE("any of the forms is read and space around it does not matter", "[sdk]") {
    for (const char* text : {" 2015-02-17T07:36:05Z\t", "1424158565",
                             "Tue, 17 Feb 2015 07:36:05 GMT", "2015-02-17 07:36:05"}) {
        INFO(text);
        CHECK(parseTime(text) == 1424158565 * kS);
    }
    CHECK_FALSE(parseTime(""));
    CHECK_FALSE(parseTime("17/02/2015"));
}

TEST_CASE("a time is written so that it is read again as it was", "[sdk]") {
    CHECK(formatRfc3339(0) == "1970-01-01T00:00:00Z");
    CHECK(formatRfc3339(-1) == "1969-12-31T23:59:59.999999Z");
    CHECK(formatRfc3339(1424158565 * kS) == "2015-02-17T07:36:05Z");
    CHECK(formatRfc3339(1424158565 * kS + 250000) == "2015-02-17T07:36:05.250000Z");
    CHECK(formatRfc3339(951782400 * kS) == "2000-02-29T00:00:00Z");
    CHECK(formatRfc3339(-62135596800 * kS) == "0001-01-01T00:00:00Z");
    CHECK(formatRfc3339(253402300799 * kS) == "9999-12-31T23:59:59Z");

    std::mt19937_64 random(29);
    std::uniform_int_distribution<std::int64_t> any(-62135596800 * kS, 253402300799 * kS);
    for (int i = 0; i < 20000; ++i) {
        const std::int64_t us = any(random);
        REQUIRE(parseRfc3339(formatRfc3339(us)) == us);
    }
    // Every day of four centuries and some more.
    for (std::int64_t day = -140000; day < 140000; ++day)
        REQUIRE(parseRfc3339(formatRfc3339(day * 86400 * kS)) == day * 86400 * kS);
}

TEST_CASE("a time beyond every calendar is still written", "[sdk]") {
    CHECK_FALSE(formatRfc3339(std::numeric_limits<std::int64_t>::min()).empty());
    CHECK_FALSE(formatRfc3339(std::numeric_limits<std::int64_t>::max()).empty());
}
