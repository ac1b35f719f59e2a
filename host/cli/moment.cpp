#include "cli/moment.h"

#include "cli/session.h"

#include "hearback/sdk/time.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace hearback::cli {

namespace {

// A number of at most five digits, and the letter behind it.
std::optional<std::pair<std::int64_t, char>> parseCount(const std::string& text) {
    if (text.size() < 2 || text.size() > 6 ||
        !std::all_of(text.begin(), text.end() - 1, [](char c) { return c >= '0' && c <= '9'; }))
        return std::nullopt;
    return std::pair{std::int64_t{std::atoll(text.c_str())}, text.back()};
}

std::optional<base::Micros> parseMoment(const std::string& text, base::Micros now) {
    if (text == "today") return now / base::kDay * base::kDay;
    if (text == "now") return now;
    if (const auto count = parseCount(text)) {
        if (count->second == 'd') return now - count->first * base::kDay;
        if (count->second == 'w') return now - count->first * 7 * base::kDay;
        if (count->second == 'h') return now - count->first * base::kHour;
    }
    return parseTime(text);
}

} // namespace

bool readMoment(const char* option, const std::string& text, base::Micros now, base::Micros& into) {
    if (text.empty()) return true;
    const auto moment = parseMoment(text, now);
    if (moment) into = *moment;
    if (!moment)
        complain(std::string(option) + " is no moment: " + text +
                 " (write 2026-02-16, 2026-02-16T12:00, 7d, 12h or today)");
    return moment.has_value();
}

std::optional<base::Micros> parseDuration(const std::string& text) {
    const auto count = parseCount(text);
    if (!count) return std::nullopt;
    switch (count->second) {
    case 's': return count->first * base::kSecond;
    case 'm': return count->first * base::kMinute;
    case 'h': return count->first * base::kHour;
    case 'd': return count->first * base::kDay;
    default: return std::nullopt;
    }
}

} // namespace hearback::cli
