#include "egress/rate_limit.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace hearback;
using base::kSecond;
using base::Micros;
using egress::parseRateLimit;
using egress::RateLimit;

namespace {

// 2026-03-02 12:00 UTC.
constexpr Micros kNow = 1772452800 * kSecond;

struct Form {
    std::string name;
    int status;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    // What is read of it; times as seconds from now.
    std::optional<double> limit;
    std::optional<double> remaining;
    std::optional<double> window;
    std::optional<double> reset;
    std::optional<double> retry;
    bool is_global = false;
};

RateLimit read(const Form& form) {
    v1::HttpResponse answer;
    answer.set_status(form.status);
    answer.set_body(form.body);
    for (const auto& [name, value] : form.headers) {
        auto& header = *answer.add_headers();
        header.set_name(name);
        header.set_value(value);
    }
    return parseRateLimit(answer, kNow);
}

std::optional<double> seconds(const std::optional<Micros>& duration, Micros from) {
    if (!duration) return std::nullopt;
    return static_cast<double>(*duration - from) / static_cast<double>(kSecond);
}

constexpr auto none = std::nullopt;

const std::vector<Form> kForms = {
    {"nothing", 200, {{"Content-Type", "text/plain"}}, "", none, none, none, none, none},
    // RFC 9110.
    {"seconds", 429, {{"Retry-After", "120"}}, "", none, none, none, none, 120},
    {"seconds with a fraction", 429, {{"retry-after", " 1.5 "}}, "", none, none, none, none, 1.5},
    {"a date",
     503,
     {{"Retry-After", "Mon, 02 Mar 2026 12:05:00 GMT"}},
     "",
     none,
     none,
     none,
     none,
     300,
     true},
    {"a date that has passed",
     429,
     {{"Retry-After", "Mon, 02 Mar 2026 11:00:00 GMT"}},
     "",
     none,
     none,
     none,
     none,
     0},
    {"longer than a day", 429, {{"Retry-After", "999999999"}}, "", none, none, none, none, 86400},
    {"a wait that is meant for a redirect",
     301,
     {{"Retry-After", "60"}},
     "",
     none,
     none,
     none,
     none,
     none},
    {"no number", 429, {{"Retry-After", "soon"}}, "", none, none, none, none, none},
    {"below zero", 429, {{"Retry-After", "-5"}}, "", none, none, none, none, none},
    // X-RateLimit-*.
    {"a reset in seconds since 1970",
     200,
     {{"X-RateLimit-Limit", "5000"},
      {"X-RateLimit-Remaining", "4999"},
      {"X-RateLimit-Reset", "1772453400"}},
     "",
     5000,
     4999,
     none,
     600,
     none},
    {"a reset in milliseconds since 1970",
     200,
     {{"X-RateLimit-Limit", "60"},
      {"X-RateLimit-Remaining", "0"},
      {"X-RateLimit-Reset", "1772452830500"}},
     "",
     60,
     0,
     none,
     30.5,
     none},
    {"a reset in seconds from now",
     200,
     {{"X-RateLimit-Limit", "60"}, {"X-RateLimit-Remaining", "12"}, {"X-RateLimit-Reset", "45"}},
     "",
     60,
     12,
     none,
     45,
     none},
    {"a reset as a date of RFC 3339",
     200,
     {{"X-RateLimit-Limit", "300"},
      {"X-RateLimit-Remaining", "299"},
      {"X-RateLimit-Reset", "2026-03-02T12:05:00.000000Z"}},
     "",
     300,
     299,
     none,
     300,
     none},
    {"with a hyphen more, in small letters",
     200,
     {{"x-rate-limit-limit", "15"},
      {"x-rate-limit-remaining", "3"},
      {"x-rate-limit-reset", "1772453700"}},
     "",
     15,
     3,
     none,
     900,
     none},
    {"used and remaining as floats",
     200,
     {{"x-ratelimit-used", "4"}, {"x-ratelimit-remaining", "596.0"}, {"x-ratelimit-reset", "313"}},
     "",
     600,
     596,
     none,
     313,
     none},
    {"limit and used",
     200,
     {{"X-RateLimit-Limit", "100"}, {"X-RateLimit-Used", "130"}},
     "",
     100,
     0,
     none,
     none,
     none},
    {"a refusal that only knows its reset",
     429,
     {{"X-RateLimit-Limit", "5"},
      {"X-RateLimit-Remaining", "0"},
      {"X-RateLimit-Reset", "1772452810"}},
     "",
     5,
     0,
     none,
     10,
     10},
    // The drafts of the IETF.
    {"three headers with a policy",
     200,
     {{"RateLimit-Limit", "3000"},
      {"RateLimit-Remaining", "2998"},
      {"RateLimit-Reset", "1772453100"},
      {"RateLimit-Policy", "3000;w=300"}},
     "",
     3000,
     2998,
     300,
     300,
     none},
    {"several windows in the limit: the first is meant",
     200,
     {{"RateLimit-Limit", "100, 100;w=60, 5000;w=3600"},
      {"RateLimit-Remaining", "50"},
      {"RateLimit-Reset", "30"}},
     "",
     100,
     50,
     60,
     30,
     none},
    {"one header with three members",
     200,
     {{"RateLimit", "limit=100, remaining=50, reset=50"}},
     "",
     100,
     50,
     none,
     50,
     none},
    {"one header with a name and parameters",
     200,
     {{"RateLimit", "\"default\";r=50;t=30"}, {"RateLimit-Policy", "\"default\";q=100;w=60"}},
     "",
     100,
     50,
     60,
     30,
     none},
    // Meta.
    {"a vendor's own prefix, its interval in milliseconds",
     200,
     {{"X-HubSpot-RateLimit-Max", "100"},
      {"X-HubSpot-RateLimit-Remaining", "99"},
      {"X-HubSpot-RateLimit-Interval-Milliseconds", "10000"}},
     "",
     100,
     99,
     10,
     none,
     none},
    {"requests beside complexity, in milliseconds since 1970",
     200,
     {{"X-RateLimit-Requests-Limit", "1500"},
      {"X-RateLimit-Requests-Remaining", "1499"},
      {"X-RateLimit-Requests-Reset", "1772452860000"}},
     "",
     1500,
     1499,
     none,
     60,
     none},
    {"limit and rest of an hour in one header",
     200,
     {{"X-Rate-Limit", "user-hour-lim:3600;user-hour-rem:3542;"}},
     "",
     3600,
     3542,
     3600,
     none,
     none},
    {"the limit without a name, the rest beside it",
     200,
     {{"X-Rate-Limit", "700"}, {"X-Rate-Limit-Remaining", "699"}},
     "",
     700,
     699,
     none,
     none,
     none},
    {"used of a limit",
     200,
     {{"Sforce-Limit-Info", "api-usage=18/5000, per-app-api-usage=17/250(appName=x)"}},
     "",
     5000,
     4982,
     none,
     none,
     none},
    {"percentages of an app",
     200,
     {{"X-App-Usage", R"({"call_count":28,"total_time":97.5,"total_cputime":25})"}},
     "",
     100,
     2.5,
     none,
     none,
     none},
    {"percentages of a business and a time",
     200,
     {{"X-Business-Use-Case-Usage",
       R"({"1789":[{"type":"pages","call_count":100,"total_cputime":1,"total_time":1,)"
       R"("estimated_time_to_regain_access":19}]})"}},
     "",
     100,
     0,
     none,
     none,
     1140},
    {"more than all",
     200,
     {{"X-App-Usage", R"({"call_count":150})"}},
     "",
     100,
     0,
     none,
     none,
     none},
    {"no JSON", 200, {{"X-App-Usage", "{"}}, "", none, none, none, none, none},
    // Discord.
    {"a bucket with floats",
     200,
     {{"X-RateLimit-Limit", "5"},
      {"X-RateLimit-Remaining", "4"},
      {"X-RateLimit-Reset", "1772452801.25"},
      {"X-RateLimit-Reset-After", "1.25"},
      {"X-RateLimit-Bucket", "abcd1234"}},
     "",
     5,
     4,
     none,
     1.25,
     none},
    {"the reset from now counts where both are said",
     200,
     {{"X-RateLimit-Reset-After", "2"}, {"X-RateLimit-Reset", "1772459999"}},
     "",
     none,
     none,
     none,
     2,
     none},
    {"a global refusal in the body",
     429,
     {{"Retry-After", "65"}, {"X-RateLimit-Scope", "global"}},
     R"({"message": "You are being rate limited.", "retry_after": 64.57, "global": true})",
     none,
     none,
     none,
     none,
     64.57,
     true},
    {"a global refusal in a header",
     429,
     {{"X-RateLimit-Global", "true"}},
     R"({"retry_after": 0.5})",
     none,
     none,
     none,
     none,
     0.5,
     true},
    // Telegram.
    {"a wait among the parameters",
     429,
     {},
     R"({"ok":false,"error_code":429,"description":"Too Many Requests",)"
     R"("parameters":{"retry_after":35}})",
     none,
     none,
     none,
     none,
     35},
    {"a body that nobody asked for",
     200,
     {},
     R"({"retry_after": 9})",
     none,
     none,
     none,
     none,
     none},
    {"a body that is no object", 429, {}, "[{\"retry_after\": 1}]", none, none, none, none, none},
    {"a wait that is no number", 429, {}, R"({"retry_after": []})", none, none, none, none, none}};

} // namespace

TEST_CASE("every form in which services tell their limits is read", "[egress]") {
    for (const Form& form : kForms) {
        INFO(form.name);
        const RateLimit limit = read(form);
        CHECK(limit.limit == form.limit);
        CHECK(limit.remaining == form.remaining);
        CHECK(seconds(limit.window, 0) == form.window);
        CHECK(seconds(limit.reset_at, kNow) == form.reset);
        CHECK(seconds(limit.retry_at, kNow) == form.retry);
        CHECK(limit.is_refused == (form.status == 429));
        CHECK(limit.is_global == form.is_global);
    }
}

TEST_CASE("figures that make no sense are bounded or passed over", "[egress]") {
    const auto with = [](const std::string& name, const std::string& value) {
        return read({"", 200, {{name, value}}, "", none, none, none, none, none});
    };
    CHECK(with("X-RateLimit-Remaining", "1e300").remaining == 1e15);
    for (const char* text : {"", "nan", "inf", "-1", "12abc", "0x10", "twelve"}) {
        INFO(text);
        CHECK_FALSE(with("X-RateLimit-Remaining", text).remaining);
        CHECK_FALSE(with("X-RateLimit-Reset", text).reset_at);
    }
    CHECK(*with("X-RateLimit-Reset", "1e300").reset_at == kNow + base::kDay);
    CHECK(*with("X-RateLimit-Reset", "1000000000").reset_at == kNow); // long ago
    const RateLimit odd = with("RateLimit", ";;=,=;w;r=;t=x;q=1;q=2");
    CHECK(odd.limit == 1);
    CHECK_FALSE(odd.remaining);
}
