#include "http/figures.h"
#include "http/status.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace hearback;
using base::kHour;
using base::kMinute;
using base::kSecond;
using Catch::Contains;
using intake::SourceCondition;

namespace {

// With one source.
http::Status statusWith(const std::function<void(http::SourceHealth&)>& change) {
    http::Status status;
    status.now = 1772452800 * kSecond;
    http::SourceHealth& source = status.sources.emplace_back();
    source.run.source = "shop";
    source.run.plugin = "feed";
    source.run.condition = SourceCondition::Waiting;
    source.run.last_success_at = status.now - kMinute;
    source.run.last_message_at = status.now - 2 * kHour;
    source.run.newest_at = status.now - 3 * kHour;
    change(source);
    return status;
}

nlohmann::json sourceJson(const http::Status& status) {
    return nlohmann::json::parse(http::toJson(status))["sources"][0];
}

std::string figures(const http::Status& status) {
    base::Metrics metrics;
    http::showIn(metrics, status);
    return metrics.text();
}

} // namespace

TEST_CASE("of each source is told how it does", "[status]") {
    const auto status =
        statusWith([](http::SourceHealth& source) { source.token_ends_at = 1772456400 * kSecond; });
    const auto json = sourceJson(status);
    CHECK(json["last_success_at_us"] == status.now - kMinute);
    CHECK(json["newest_at_us"] == status.now - 3 * kHour);
    CHECK(json["lag_us"] == 3 * kHour);
    CHECK(json["silent"] == false);
    CHECK(json["token_ends_at_us"] == 1772456400 * kSecond);
    const std::string text = figures(status);
    CHECK_THAT(text, Contains("hearback_source_up{source=\"shop\"} 1"));
    CHECK_THAT(text, Contains("hearback_source_lag_seconds{source=\"shop\"} 10800"));
    CHECK_THAT(text, Contains("hearback_source_silent{source=\"shop\"} 0"));
    CHECK_THAT(text, Contains("hearback_source_last_success_timestamp_seconds{source=\"shop\"}"));
    CHECK_THAT(text, Contains("hearback_source_last_message_timestamp_seconds{source=\"shop\"}"));
    CHECK_THAT(text, Contains("hearback_source_token_expiry_timestamp_seconds{source=\"shop\"}"));
    CHECK_THAT(http::toHtml(status), Contains("<td>2 h ago</td><td>3 h</td>"));
}

TEST_CASE("a silent source is bad on the page and a figure", "[status]") {
    const auto status = statusWith([](http::SourceHealth& source) {
        source.is_silent = true;
        source.silence = 5 * kHour;
    });
    CHECK(sourceJson(status)["silent"] == true);
    CHECK_THAT(figures(status), Contains("hearback_source_silent{source=\"shop\"} 1"));
    CHECK_THAT(http::toHtml(status), Contains("nothing came for 5 h"));
    CHECK_THAT(http::toHtml(status), Contains("<tr class=\"bad\">"));
}

TEST_CASE("a source that rests for another side says until when", "[status]") {
    const auto status = statusWith([](http::SourceHealth& source) {
        source.run.problem = "api.example.org wants a rest";
        source.run.rests_until = 1772452800 * kSecond + 20 * kMinute;
    });
    CHECK(sourceJson(status)["rests_until_us"] == status.now + 20 * kMinute);
    CHECK_THAT(figures(status), Contains("hearback_source_resting_seconds{source=\"shop\"} 1200"));
    CHECK_THAT(figures(status), Contains("hearback_source_up{source=\"shop\"} 0"));
    CHECK_THAT(http::toHtml(status), Contains("api.example.org wants a rest (rests for 20 min)"));
}

TEST_CASE("what is not known of a source is no figure", "[status]") {
    const auto status = statusWith([](http::SourceHealth& source) {
        source.run.last_success_at = source.run.last_message_at = source.run.newest_at = 0;
    });
    CHECK_THAT(figures(status), !Contains("timestamp_seconds{source"));
    CHECK_THAT(figures(status), !Contains("lag_seconds"));
    CHECK(sourceJson(status)["lag_us"] == 0);
    CHECK_THAT(http::toHtml(status), Contains("<td>never</td>"));
}
