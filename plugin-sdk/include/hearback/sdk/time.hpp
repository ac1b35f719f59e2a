// Times as text, in the forms that feeds, exports and web services use. No locale, no time zone
// database: a text without a zone is UTC.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace hearback {

namespace detail {

// Days since 1970-01-01 of a date in the proleptic Gregorian calendar; the algorithm is
// days_from_civil of https://howardhinnant.github.io/date_algorithms.html.
constexpr std::int64_t daysFromCivil(std::int64_t year, unsigned month, unsigned day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

// Reads a text from the left, remembering whether everything fitted so far.
class TimeReader {
  public:
    explicit TimeReader(std::string_view text) : rest_(text) {}

    bool ok() const { return ok_; }
    bool atEnd() const { return rest_.empty(); }
    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool accept(char c) {
        if (peek() != c || rest_.empty()) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void expect(char c) { ok_ = accept(c) && ok_; }
    void skipSpaces() {
        while (accept(' ')) {
        }
    }
    // Between `low` and `high` digits.
    int number(int low, int high) {
        int value = 0;
        int count = 0;
        while (count < high && peek() >= '0' && peek() <= '9') {
            value = value * 10 + (peek() - '0');
            rest_.remove_prefix(1);
            ++count;
        }
        ok_ = ok_ && count >= low;
        return value;
    }
    // ".25" as microseconds; further digits are dropped.
    std::int64_t fraction() {
        std::int64_t value = 0;
        std::int64_t unit = 100000;
        ok_ = ok_ && peek() >= '0' && peek() <= '9';
        while (peek() >= '0' && peek() <= '9') {
            value += (peek() - '0') * unit;
            unit /= 10;
            rest_.remove_prefix(1);
        }
        return value;
    }
    std::string_view word() {
        std::size_t size = 0;
        while (size < rest_.size() && ((rest_[size] | 0x20) >= 'a' && (rest_[size] | 0x20) <= 'z'))
            ++size;
        const std::string_view word = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return word;
    }
    void fail() { ok_ = false; }

  private:
    std::string_view rest_;
    bool ok_ = true;
};

struct CivilTime {
    int year = 1970;
    int month = 1;
    int day = 1;
    int hour = 0;
    int minute = 0;
    int second = 0;
    std::int64_t us = 0;
    int offset_minutes = 0; // of the zone, east positive
};

inline constexpr std::int64_t kFirstSecond = -62135596800; // 0001-01-01
inline constexpr std::int64_t kLastSecond = 253402300799;  // 9999-12-31 23:59:59

inline std::optional<std::int64_t> toMicroseconds(const CivilTime& t) {
    constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (t.year < 1 || t.year > 9999 || t.month < 1 || t.month > 12 || t.minute > 59 ||
        t.second > 60)
        return std::nullopt;
    const bool leap = t.year % 4 == 0 && (t.year % 100 != 0 || t.year % 400 == 0);
    const int last = kDays[static_cast<std::size_t>(t.month - 1)] + (leap && t.month == 2 ? 1 : 0);
    const bool end_of_day = t.hour == 24 && t.minute == 0 && t.second == 0 && t.us == 0;
    if (t.day < 1 || t.day > last || (t.hour > 23 && !end_of_day)) return std::nullopt;
    const std::int64_t days =
        daysFromCivil(t.year, static_cast<unsigned>(t.month), static_cast<unsigned>(t.day));
    const std::int64_t seconds =
        ((days * 24 + t.hour) * 60 + t.minute - t.offset_minutes) * 60 + t.second;
    // The zone or a leap second can carry a time out of the years that can be written.
    if (seconds < kFirstSecond || seconds > kLastSecond) return std::nullopt;
    return seconds * 1000000 + t.us;
}

inline void readClock(TimeReader& in, CivilTime& t) {
    t.hour = in.number(1, 2);
    in.expect(':');
    t.minute = in.number(2, 2);
    if (in.accept(':')) {
        t.second = in.number(2, 2);
        if (in.accept('.') || in.accept(',')) t.us = in.fraction();
    }
}

inline void readOffset(TimeReader& in, CivilTime& t) {
    const bool west = in.peek() == '-';
    if (!in.accept('-')) in.expect('+');
    const int hours = in.number(2, 2);
    const int minutes = in.accept(':') || !in.atEnd() ? in.number(2, 2) : 0;
    if (hours > 23 || minutes > 59) in.fail();
    t.offset_minutes = (hours * 60 + minutes) * (west ? -1 : 1);
}

} // namespace detail

// RFC 3339 / ISO 8601: "2015-02-16T23:36:05-08:00", "2015-02-16 23:36", "2015-02-16".
// Microseconds since 1970 UTC, or none where it is no such text.
inline std::optional<std::int64_t> parseRfc3339(std::string_view text) {
    detail::TimeReader in(text);
    detail::CivilTime t;
    t.year = in.number(4, 4);
    in.expect('-');
    t.month = in.number(1, 2);
    in.expect('-');
    t.day = in.number(1, 2);
    if (in.accept('T') || in.accept('t') || in.accept(' ')) {
        detail::readClock(in, t);
        in.skipSpaces();
        if (in.accept('Z') || in.accept('z')) {
        } else if (in.peek() == '+' || in.peek() == '-') {
            detail::readOffset(in, t);
        } else if (const auto zone = in.word(); !zone.empty() && zone != "UTC" && zone != "GMT") {
            in.fail();
        }
    }
    if (!in.ok() || !in.atEnd()) return std::nullopt;
    return detail::toMicroseconds(t);
}

// RFC 5322 (mail) and RSS: "Mon, 16 Feb 2015 23:36:05 -0800", "16 Feb 15 23:36 GMT".
inline std::optional<std::int64_t> parseRfc5322(std::string_view text) {
    constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct Zone {
        std::string_view name;
        int minutes;
    };
    constexpr std::array<Zone, 12> kZones = {{{"GMT", 0},
                                              {"UT", 0},
                                              {"UTC", 0},
                                              {"Z", 0},
                                              {"EST", -300},
                                              {"EDT", -240},
                                              {"CST", -360},
                                              {"CDT", -300},
                                              {"MST", -420},
                                              {"MDT", -360},
                                              {"PST", -480},
                                              {"PDT", -420}}};
    detail::TimeReader in(text);
    detail::CivilTime t;
    if (!in.word().empty()) in.expect(',');
    in.skipSpaces();
    t.day = in.number(1, 2);
    in.skipSpaces();
    const std::string_view month = in.word();
    t.month = 0;
    for (std::size_t i = 0; i < kMonths.size(); ++i)
        if (month.substr(0, 3) == kMonths[i]) t.month = static_cast<int>(i) + 1;
    in.skipSpaces();
    t.year = in.number(2, 4);
    if (t.year < 100) t.year += t.year < 70 ? 2000 : 1900;
    in.skipSpaces();
    detail::readClock(in, t);
    in.skipSpaces();
    if (in.peek() == '+' || in.peek() == '-') {
        detail::readOffset(in, t);
    } else if (!in.atEnd()) {
        const std::string_view name = in.word();
        bool known = false;
        for (const Zone& zone : kZones) {
            if (zone.name != name) continue;
            t.offset_minutes = zone.minutes;
            known = true;
        }
        if (!known) in.fail();
    }
    if (!in.ok() || !in.atEnd()) return std::nullopt;
    return detail::toMicroseconds(t);
}

// Seconds, milliseconds or microseconds since 1970, told apart by their size (years 2001 to 2286).
inline std::optional<std::int64_t> parseEpoch(std::string_view text) {
    if (text.size() < 10 || text.size() > 16) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : text) {
        if (c < '0' || c > '9') return std::nullopt;
        value = value * 10 + (c - '0');
    }
    if (text.size() == 10) return value * 1000000;
    if (text.size() == 13) return value * 1000;
    return text.size() == 16 ? std::optional(value) : std::nullopt;
}

// Any of the above.
inline std::optional<std::int64_t> parseTime(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    if (const auto us = parseRfc3339(text)) return us;
    if (const auto us = parseRfc5322(text)) return us;
    return parseEpoch(text);
}

// "2015-02-17T07:36:05Z"; with a fraction only where there is one.
inline std::string formatRfc3339(std::int64_t us) {
    std::int64_t seconds = us / 1000000;
    std::int64_t fraction = us % 1000000;
    if (fraction < 0) {
        fraction += 1000000;
        --seconds;
    }
    std::int64_t days = seconds / 86400;
    std::int64_t of_day = seconds % 86400;
    if (of_day < 0) {
        of_day += 86400;
        --days;
    }
    // civil_from_days, the inverse of daysFromCivil.
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    const auto doe = static_cast<unsigned>(shifted - era * 146097);
    const unsigned yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    const unsigned doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    const unsigned mp = (5 * doy + 2) / 153;
    const unsigned day = doy - (153 * mp + 2) / 5 + 1;
    const unsigned month = mp < 10 ? mp + 3 : mp - 9;
    const std::int64_t year = static_cast<std::int64_t>(yoe) + era * 400 + (month <= 2 ? 1 : 0);
    std::array<char, 48> text{};
    int size =
        std::snprintf(text.data(), text.size(), "%04lld-%02u-%02uT%02d:%02d:%02d",
                      static_cast<long long>(year), month, day, static_cast<int>(of_day / 3600),
                      static_cast<int>(of_day / 60 % 60), static_cast<int>(of_day % 60));
    std::string result(text.data(), static_cast<std::size_t>(size));
    if (fraction != 0) {
        size = std::snprintf(text.data(), text.size(), ".%06d", static_cast<int>(fraction));
        result.append(text.data(), static_cast<std::size_t>(size));
    }
    return result + "Z";
}

} // namespace hearback
