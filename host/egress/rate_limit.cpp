#include "egress/rate_limit.h"

#include "hearback/sdk/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace hearback::egress {

namespace {

using base::Micros;
using nlohmann::json;

constexpr int kTooManyRequests = 429;
constexpr int kUnavailable = 503;
// No wait is longer, whatever the other side says.
constexpr Micros kWaitMax = base::kDay;
constexpr double kAmountMax = 1e15;
constexpr std::size_t kBodyMax = 64 << 10;
// What is larger than this is no number of seconds from now: ten years.
constexpr double kEpochSeconds = 3e8;
constexpr double kEpochMilliseconds = 1e11;

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// A number at the beginning of a text, not below 0; `end`: what follows it.
std::optional<double> number(std::string_view text, std::string_view* end = nullptr) {
    text = trim(text);
    double value = 0;
    const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || !std::isfinite(value) || value < 0) return std::nullopt;
    const std::string_view rest = text.substr(static_cast<std::size_t>(at - text.data()));
    if (end == nullptr && !rest.empty()) return std::nullopt;
    if (end != nullptr) *end = rest;
    return std::min(value, kAmountMax);
}

// Within what is believed.
Micros fromSeconds(double seconds) {
    return std::llround(std::min(seconds, 1e6) * static_cast<double>(base::kSecond));
}

Micros within(Micros at, Micros now) { return std::clamp(at, now, now + kWaitMax); }

std::optional<Micros> moment(std::string_view text, Micros now) {
    text = trim(text);
    const auto value = number(text);
    if (!value) {
        const auto at = parseTime(text);
        return at ? std::optional(within(*at, now)) : std::nullopt;
    }
    if (*value < kEpochSeconds) return within(now + fromSeconds(*value), now);
    const double us = *value < kEpochMilliseconds ? *value * 1e6 : *value * 1e3;
    return within(static_cast<Micros>(us), now);
}

// RFC 9110 knows seconds and dates here, no time since 1970.
std::optional<Micros> retryAfter(std::string_view text, Micros now) {
    const auto value = number(text);
    return value ? within(now + fromSeconds(*value), now) : moment(text, now);
}

std::optional<Micros> momentIn(const json& value, Micros now) {
    if (value.is_string()) return moment(value.get<std::string>(), now);
    if (!value.is_number() || !std::isfinite(value.get<double>()) || value.get<double>() < 0)
        return std::nullopt;
    return within(now + fromSeconds(value.get<double>()), now);
}

std::string lowered(std::string_view name) {
    std::string lower;
    for (const char c : name) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return lower;
}

template <class T>
void setIfNew(std::optional<T>& into, std::optional<T> value) {
    if (!into) into = value;
}

// "limit" of "X-RateLimit-Limit"; empty for any other header.
std::string_view partOf(std::string_view name) {
    constexpr std::array<std::string_view, 6> kPrefixes = {
        "x-ratelimit-requests-", "x-ratelimit-", "x-rate-limit-",
        "x-hubspot-ratelimit-",  "ratelimit-",   "rate-limit-"};
    for (const std::string_view prefix : kPrefixes)
        if (name.substr(0, prefix.size()) == prefix) return name.substr(prefix.size());
    return {};
}

// "limit=10, remaining=5, reset=30" or "\"hourly\";r=5;t=30", and the policies "100;w=60": the
// first of several is the one that is meant.
void readItem(std::string_view text, RateLimit& into, Micros now) {
    std::string_view rest;
    if (const auto first = number(text, &rest)) setIfNew(into.limit, first);
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(";,"), text.size());
        const std::string_view pair = trim(text.substr(0, end));
        const auto equals = pair.find('=');
        const std::string key = lowered(trim(pair.substr(0, equals)));
        const std::string_view value =
            equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        if (key == "limit" || key == "q") setIfNew(into.limit, number(value));
        if (key == "remaining" || key == "r") setIfNew(into.remaining, number(value));
        if (key == "reset" || key == "t") setIfNew(into.reset_at, moment(value, now));
        if (key == "w")
            if (const auto seconds = number(value))
                setIfNew(into.window, std::optional(fromSeconds(*seconds)));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// "user-hour-lim:3600;user-hour-rem:3542", or the limit alone.
void readHourly(std::string_view text, RateLimit& into) {
    if (const auto limit = number(text)) into.limit = limit;
    while (!text.empty()) {
        const auto end = std::min(text.find(';'), text.size());
        const std::string_view pair = trim(text.substr(0, end));
        const auto colon = std::min(pair.find(':'), pair.size());
        const auto value = number(pair.substr(std::min(colon + 1, pair.size())));
        if (pair.substr(0, colon) == "user-hour-lim") into.limit = value;
        if (pair.substr(0, colon) == "user-hour-rem") into.remaining = value;
        if (pair.starts_with("user-hour-")) into.window = base::kHour;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

// "api-usage=18/5000": of a day that ends with every call anew.
void readUsed(std::string_view text, RateLimit& into) {
    constexpr std::string_view kUsage = "api-usage=";
    const auto at = text.find(kUsage);
    if (at == std::string_view::npos) return;
    std::string_view rest;
    const auto used = number(text.substr(at + kUsage.size()), &rest);
    if (!used || rest.empty() || rest.front() != '/') return;
    const auto limit = number(rest.substr(1), &rest);
    if (!limit) return;
    into.limit = limit;
    into.remaining = std::max(0.0, *limit - *used);
}

// {"call_count": 28, "total_time": 25, ...}: the fullest of them counts.
void readUsage(const json& usage, RateLimit& into, Micros now) {
    if (!usage.is_object()) return;
    for (const auto& [name, value] : usage.items()) {
        if (!value.is_number()) continue;
        const double figure = value.get<double>();
        if (name == "estimated_time_to_regain_access") {
            if (figure > 0) into.retry_at = within(now + fromSeconds(figure * 60), now);
            continue;
        }
        const double left = std::clamp(100 - figure, 0.0, 100.0);
        into.limit = 100;
        into.remaining = std::min(into.remaining.value_or(100), left);
    }
}

void readUsageHeader(std::string_view text, RateLimit& into, Micros now) {
    const json usage = json::parse(text, nullptr, false);
    if (!usage.is_object()) return;
    readUsage(usage, into, now);
    for (const auto& [business, cases] : usage.items())
        if (cases.is_array())
            for (const json& each : cases) readUsage(each, into, now);
}

// What the answer holds, before it is known what that means.
struct Reading {
    RateLimit limit;
    std::optional<double> used;
    std::optional<Micros> retry_after; // of the header
};

void readHeader(std::string_view header, std::string_view value, Reading& into, Micros now) {
    const std::string name = lowered(header);
    RateLimit& limit = into.limit;
    if (name == "retry-after") into.retry_after = retryAfter(value, now);
    if (name == "x-app-usage" || name == "x-business-use-case-usage")
        readUsageHeader(value, limit, now);
    if (name == "x-rate-limit") readHourly(value, limit);
    if (name == "sforce-limit-info") readUsed(value, limit);
    if (name == "ratelimit" || name == "ratelimit-policy") readItem(value, limit, now);
    const std::string_view part = partOf(name);
    if (part == "limit" || part == "max") readItem(value, limit, now);
    if (part == "interval-milliseconds")
        if (const auto ms = number(value)) limit.window = fromSeconds(*ms / 1000);
    if (part == "remaining") limit.remaining = number(value);
    if (part == "used") into.used = number(value);
    if (part == "reset") setIfNew(limit.reset_at, moment(value, now));
    if ((part == "global" && lowered(trim(value)) == "true") ||
        (part == "scope" && trim(value) == "global"))
        limit.is_global = true;
    if (part == "reset-after")
        if (const auto seconds = number(value))
            limit.reset_at = within(now + fromSeconds(*seconds), now);
}

void readBody(std::string_view body, RateLimit& into, Micros now) {
    if (body.size() > kBodyMax) return;
    const json said = json::parse(body, nullptr, false);
    if (!said.is_object()) return;
    const json parameters = said.value("parameters", json::object());
    for (const json* each : {&said, &parameters})
        if (each->is_object() && each->contains("retry_after"))
            if (const auto at = momentIn((*each)["retry_after"], now)) into.retry_at = at;
    if (said.value("global", json()) == true) into.is_global = true;
}

} // namespace

RateLimit parseRateLimit(const v1::HttpResponse& answer, Micros now) {
    Reading reading;
    for (const v1::HttpHeader& header : answer.headers())
        readHeader(header.name(), header.value(), reading, now);
    RateLimit& limit = reading.limit;
    if (reading.used && limit.remaining)
        setIfNew(limit.limit, std::optional(*reading.used + *limit.remaining));
    if (reading.used && limit.limit)
        setIfNew(limit.remaining, std::optional(std::max(0.0, *limit.limit - *reading.used)));
    limit.is_refused = answer.status() == kTooManyRequests;
    // With any other status Retry-After speaks of something else.
    if (reading.retry_after && (limit.is_refused || answer.status() == kUnavailable))
        limit.retry_at = reading.retry_after;
    if (answer.status() == kUnavailable) limit.is_global = true;
    if (limit.is_refused) {
        readBody(answer.body(), limit, now);
        setIfNew(limit.retry_at, limit.reset_at);
    }
    return limit;
}

} // namespace hearback::egress
