#include "base/metrics.h"

#include <catch2/catch.hpp>

#include <thread>
#include <vector>

using namespace hearback;
using base::Metrics;
using Catch::Matchers::Contains;

TEST_CASE("figures of one name and the same labels add up", "[base]") {
    Metrics metrics;
    metrics.count("hearback_messages_total", {{"source", "shop"}});
    metrics.count("hearback_messages_total", {{"source", "shop"}}, 2);
    metrics.count("hearback_messages_total", {{"source", "mail"}}, 5);
    metrics.set("hearback_waiting_bytes", {}, 7);
    metrics.set("hearback_waiting_bytes", {}, 3);
    const std::string text = metrics.text();
    CHECK_THAT(text, Contains("# TYPE hearback_messages_total counter\n"));
    CHECK_THAT(text, Contains("hearback_messages_total{source=\"shop\"} 3\n"));
    CHECK_THAT(text, Contains("hearback_messages_total{source=\"mail\"} 5\n"));
    CHECK_THAT(text, Contains("# TYPE hearback_waiting_bytes gauge\n"));
    CHECK_THAT(text, Contains("hearback_waiting_bytes 3\n"));
}

TEST_CASE("times are counted in buckets that add up", "[base]") {
    Metrics metrics;
    for (const double seconds : {0.0004, 0.003, 0.003, 60.0})
        metrics.observe("hearback_commit_seconds", {}, seconds);
    const std::string text = metrics.text();
    CHECK_THAT(text, Contains("hearback_commit_seconds_count 4\n"));
    CHECK_THAT(text, Contains("hearback_commit_seconds_bucket{le=\"0.0005\"} 1\n"));
    CHECK_THAT(text, Contains("hearback_commit_seconds_bucket{le=\"0.005\"} 3\n"));
    CHECK_THAT(text, Contains("hearback_commit_seconds_bucket{le=\"30\"} 3\n"));
    CHECK_THAT(text, Contains("hearback_commit_seconds_bucket{le=\"+Inf\"} 4\n"));
}

TEST_CASE("a label's value cannot forge a line of the figures", "[base]") {
    Metrics metrics;
    metrics.count("hearback_refused_total", {{"reason", "a\"b\\c\nforged_total 1"}});
    CHECK_THAT(metrics.text(),
               Contains(R"(hearback_refused_total{reason="a\"b\\c\nforged_total 1"} 1)"
                        "\n"));
}

TEST_CASE("figures may be counted and shown by several threads at once", "[base]") {
    Metrics metrics;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 500; ++i) {
                metrics.count("hearback_messages_total", {{"source", "shop"}});
                if (i % 100 == 0) (void)metrics.text();
            }
        });
    for (std::thread& thread : threads) thread.join();
    CHECK_THAT(metrics.text(), Contains("hearback_messages_total{source=\"shop\"} 2000\n"));
}
