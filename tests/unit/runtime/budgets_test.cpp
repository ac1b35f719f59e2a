#include "runtime/budgets.h"
#include "support/manual_clock.h"
#include "support/test_kv.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <limits>
#include <thread>

using namespace hearback;
using base::Code;
using base::kSecond;
using Catch::Matchers::Contains;
using hearback::testing::ManualClock;
using hearback::testing::TestKv;
using runtime::Budgets;

namespace {

v1::HttpRequest costing(const std::string& name, double cost, double limit,
                        base::Micros period = base::kMinute) {
    v1::HttpRequest request;
    v1::Budget& budget = *request.add_budgets();
    budget.set_name(name);
    budget.set_cost(cost);
    budget.set_limit(limit);
    budget.set_period_ms(period / base::kMillisecond);
    return request;
}

v1::HttpResponse answering(int status, std::vector<std::pair<std::string, std::string>> headers,
                           const std::string& body = {}) {
    v1::HttpResponse answer;
    answer.set_status(status);
    answer.set_body(body);
    for (auto& [name, value] : headers) {
        auto& header = *answer.add_headers();
        header.set_name(name);
        header.set_value(value);
    }
    return answer;
}

struct Bench {
    Bench() { begin(); }
    void begin() { budgets = std::make_unique<Budgets>(clock, metrics, store.kv.get()); }
    // How long is to be waited; 0: it was spent.
    base::Micros spend(const v1::HttpRequest& request, const std::string& host = "api.example") {
        const auto spent = budgets->spend({"it", host}, request);
        if (spent) return 0;
        CHECK(spent.error().code == Code::RateLimited);
        CHECK(spent.error().retry_after > 0);
        return spent.error().retry_after;
    }
    std::int64_t learn(const v1::HttpRequest& request, v1::HttpResponse answer,
                       const std::string& host = "api.example") {
        budgets->learn({"it", host}, request, answer);
        return answer.retry_after_ms();
    }
    ManualClock clock;
    base::Metrics metrics;
    TestKv store;
    std::unique_ptr<Budgets> budgets;
};

} // namespace

TEST_CASE("a budget is spent by its costs and refills evenly", "[budgets]") {
    Bench bench;
    const auto reply = costing("points", 3, 10);
    for (int i = 0; i < 3; ++i) CHECK(bench.spend(reply) == 0);
    // One is left, three are needed, six seconds each.
    CHECK(bench.spend(reply) == 12 * kSecond);
    CHECK(bench.spend(costing("points", 1, 10)) == 0);
    bench.clock.advance(17 * kSecond);
    CHECK(bench.spend(reply) == 1 * kSecond);
    bench.clock.advance(1 * kSecond);
    CHECK(bench.spend(reply) == 0);
    bench.clock.advance(base::kDay);
    for (int i = 0; i < 3; ++i) CHECK(bench.spend(reply) == 0);
    CHECK(bench.spend(reply) > 0);
}

TEST_CASE("money is a budget too and one that a call costs more than is a mistake", "[budgets]") {
    Bench bench;
    const auto post = costing("USD a day", 0.2, 0.5, base::kDay);
    CHECK(bench.spend(post) == 0);
    CHECK(bench.spend(post) == 0);
    CHECK(bench.spend(post) > 4 * base::kHour);
    const auto refused = bench.budgets->spend({"it", "api.example"}, costing("USD", 1, 0.5));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Invalid);
    CHECK_THAT(refused.error().message, Contains("holds less than the request costs"));
    for (const auto& wrong :
         {costing("", 1, 1), costing(std::string(65, 'x'), 1, 1), costing("x", -1, 1),
          costing("x", 1, std::numeric_limits<double>::infinity()),
          costing("x", std::numeric_limits<double>::quiet_NaN(), 1), costing("x", 1, 1, 0),
          costing("x", 1, 1, 400 * base::kDay)}) {
        const auto spent = bench.budgets->spend({"it", "api.example"}, wrong);
        REQUIRE_FALSE(spent);
        CHECK(spent.error().code == Code::Invalid);
    }
}

TEST_CASE("a call takes from all its budgets or from none", "[budgets]") {
    Bench bench;
    auto both = costing("calls", 1, 10);
    *both.add_budgets() = costing("writes", 1, 1).budgets(0);
    CHECK(bench.spend(both) == 0);
    for (int i = 0; i < 5; ++i) CHECK(bench.spend(both) > 0);
    // Nothing of the first one went with those.
    const auto calls = costing("calls", 9, 10);
    CHECK(bench.spend(calls) == 0);
    CHECK(bench.spend(costing("calls", 1, 10)) > 0);
}

TEST_CASE("hosts accounts and names have budgets of their own", "[budgets]") {
    Bench bench;
    auto call = costing("calls", 1, 1);
    CHECK(bench.spend(call) == 0);
    CHECK(bench.spend(call) > 0);
    CHECK(bench.spend(call, "other.example") == 0);
    CHECK(bench.spend(costing("other", 1, 1)) == 0);
    // Another instance, without an account in common.
    CHECK(bench.budgets->spend({"other", "api.example"}, call));
    call.set_account("xoxb-secret-token");
    CHECK(bench.spend(call) == 0);
    CHECK_FALSE(bench.budgets->spend({"other", "api.example"}, call));
    CHECK(bench.spend(call) > 0);
    bench.learn(call, answering(200, {}));
    // What an account is called is nowhere to be read.
    CHECK(bench.metrics.text().find("xoxb") == std::string::npos);
    const auto kept = bench.store.kv->all(runtime::KvStore::kBudgets);
    REQUIRE(kept);
    CHECK_FALSE(kept->empty());
    for (const auto& [key, value] : *kept) {
        CHECK(key.find("xoxb") == std::string::npos);
        CHECK(value.find("xoxb") == std::string::npos);
    }
}

TEST_CASE("what an answer says about limits is obeyed until its reset", "[budgets]") {
    Bench bench;
    const v1::HttpRequest plain;
    CHECK(bench.spend(plain) == 0);
    bench.learn(plain, answering(200, {{"X-RateLimit-Limit", "60"},
                                       {"X-RateLimit-Remaining", "2"},
                                       {"X-RateLimit-Reset", "30"}}));
    CHECK(bench.spend(plain) == 0);
    CHECK(bench.spend(plain) == 0);
    CHECK(bench.spend(plain) == 30 * kSecond);
    bench.clock.advance(30 * kSecond);
    CHECK(bench.spend(plain) == 0);
    // The first budget is the one that is spoken of.
    const auto create = costing("points", 3, 0);
    CHECK(bench.spend(create) == 0);
    bench.learn(create, answering(200, {{"RateLimit-Remaining", "4"}, {"RateLimit-Reset", "50"}}));
    CHECK(bench.spend(create) == 0);
    CHECK(bench.spend(create) == 50 * kSecond);
    CHECK(bench.spend(plain) == 0);
}

TEST_CASE("a refusal closes its budget and a global one the host", "[budgets]") {
    Bench bench;
    const auto call = costing("search", 1, 100);
    const auto other = costing("read", 1, 100);
    CHECK(bench.learn(call, answering(429, {{"Retry-After", "7"}})) == 7000);
    CHECK(bench.spend(call) == 7 * kSecond);
    CHECK(bench.spend(other) == 0);
    bench.clock.advance(7 * kSecond);
    CHECK(bench.spend(call) == 0);
    CHECK(bench.learn(call, answering(429, {}, R"({"retry_after":2.5,"global":true})")) == 2500);
    CHECK(bench.spend(other) == 2500 * base::kMillisecond);
    CHECK(bench.spend(other, "other.example") == 0);
    bench.clock.advance(3 * kSecond);
    bench.learn(call, answering(503, {{"Retry-After", "120"}}));
    CHECK(bench.spend(other) == 120 * kSecond);
    bench.clock.advance(121 * kSecond);
    // One that says nothing more: a minute.
    bench.learn(call, answering(429, {}));
    CHECK(bench.spend(call) == base::kMinute);
    // A service that is down is none that asks to wait.
    bench.learn(other, answering(503, {}));
    CHECK(bench.spend(other) == 0);
}

TEST_CASE("budgets are what they were after a restart", "[budgets]") {
    Bench bench;
    const auto call = costing("units", 10, 100, base::kHour);
    auto closed = costing("posts", 1, 5);
    closed.set_account("me");
    for (int i = 0; i < 10; ++i) CHECK(bench.spend(call) == 0);
    bench.learn(closed, answering(429, {{"Retry-After", "600"}}));
    bench.budgets.reset();
    bench.store.reopen();
    bench.begin();
    CHECK(bench.spend(call) == 6 * base::kMinute);
    CHECK(bench.spend(closed) == 600 * kSecond);
    // What a plugin keeps for itself is not counted with it.
    CHECK(bench.store.kv->all("it")->empty());
}

TEST_CASE("a refusal is kept at once: a kill does not forget it", "[budgets]") {
    Bench bench;
    const auto call = costing("calls", 1, 5);
    CHECK(bench.spend(call) == 0);
    bench.learn(call, answering(429, {{"Retry-After", "600"}}));
    // Another one, while the first was never ended.
    Budgets after(bench.clock, bench.metrics, bench.store.kv.get());
    CHECK_FALSE(after.spend({"it", "api.example"}, call));
}

TEST_CASE("there are so many budgets and the one that was unused longest goes", "[budgets]") {
    Bench bench;
    for (int i = 0; i < 1100; ++i) {
        bench.clock.advance(base::kMillisecond);
        CHECK(bench.spend(costing("calls", 1, 1, base::kDay),
                          "host-" + std::to_string(i) + ".example") == 0);
    }
    CHECK(bench.spend(costing("calls", 1, 1, base::kDay), "host-1099.example") > 0);
    CHECK(bench.spend(costing("calls", 1, 1, base::kDay), "host-0.example") == 0);
    bench.budgets.reset();
    CHECK(bench.store.kv->all(runtime::KvStore::kBudgets)->size() <= 1000);
}

TEST_CASE("a clock that was put back closes nothing for longer than a day", "[budgets]") {
    Bench bench;
    bench.learn({}, answering(429, {{"Retry-After", "86400"}}));
    bench.clock.advance(-30 * base::kDay);
    CHECK(bench.spend({}) <= base::kDay);
    bench.clock.advance(base::kDay + kSecond);
    CHECK(bench.spend({}) == 0);
}

TEST_CASE("threads together spend no more than there is", "[budgets]") {
    Bench bench;
    std::atomic<int> spent{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 200; ++i)
                if (bench.budgets->spend({"it", "api.example"}, costing("calls", 1, 100))) ++spent;
        });
    for (std::thread& thread : threads) thread.join();
    CHECK(spent == 100);
}

TEST_CASE("what is left is a figure", "[budgets]") {
    Bench bench;
    CHECK(bench.spend(costing("units", 30, 100)) == 0);
    CHECK_THAT(bench.metrics.text(),
               Contains("hearback_budget_remaining{account=\"it\",budget=\"units\","
                        "host=\"api.example\"} 70"));
    bench.learn(costing("units", 1, 100), answering(429, {{"Retry-After", "9"}}));
    CHECK_THAT(bench.metrics.text(), Contains("host=\"api.example\"} 0"));
    CHECK(bench.spend(costing("units", 1, 100)) > 0);
    CHECK_THAT(bench.metrics.text(),
               Contains("hearback_budget_refused_total{budget=\"units\",host=\"api.example\"} 1"));
}
