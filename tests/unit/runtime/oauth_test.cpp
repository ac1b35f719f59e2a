// Access tokens against a service that the test plays, one answer at a time.
#include "runtime/oauth.h"
#include "support/eventually.h"
#include "support/manual_clock.h"
#include "support/test_kv.h"

#include <catch2/catch.hpp>

#include <deque>
#include <future>
#include <thread>

using namespace hearback;
using base::Code;
using Catch::Matchers::Contains;
using hearback::testing::Eventually;
using hearback::testing::ManualClock;
using hearback::testing::TestKv;
using runtime::OAuth;

namespace {

using Sent = base::Result<v1::HttpResponse>;

Sent token(const std::string& access, const std::string& refresh = {}, int expires_in = 3600) {
    v1::HttpResponse answer;
    answer.set_status(200);
    answer.set_body(R"({"access_token":")" + access + R"(","expires_in":)" +
                    std::to_string(expires_in) +
                    (refresh.empty() ? "}" : R"(,"refresh_token":")" + refresh + R"("})"));
    return answer;
}
Sent refusal(int status, const std::string& body) {
    v1::HttpResponse answer;
    answer.set_status(status);
    answer.set_body(body);
    return answer;
}

struct OAuthBench {
    OAuthBench() {
        account.set_token_url("https://id.example/token");
        account.set_client_id("us");
        account.set_client_secret("word");
        account.set_refresh_token("configured");
        begin();
    }
    ~OAuthBench() { oauth.reset(); }
    void begin() { oauth = std::make_unique<OAuth>(clock, store.kv.get()); }
    // As after the process was killed.
    void restart() {
        oauth.reset();
        store.reopen();
        begin();
    }
    base::Result<OAuth::Token> ask() {
        return oauth->token(
            "reviews", account,
            [this](const v1::HttpRequest& request, const auto&) { return serve(request); },
            [] { return false; });
    }
    std::string value() {
        const auto given = ask();
        return given ? given->value : given.error().message;
    }
    Sent serve(const v1::HttpRequest& request) {
        service.note([&] { bodies.push_back(request.body()); });
        if (held.valid()) held.wait();
        return service.look([&]() -> Sent {
            if (answers.empty()) return base::Error{Code::Internal, "not expected"};
            auto next = answers.front();
            answers.pop_front();
            return next;
        });
    }
    // Whoever asks meanwhile gets what there is: this one asks until it is the other.
    bool comesTo(const std::string& wanted) {
        for (int tries = 0; tries < 30000; ++tries) {
            if (value() == wanted) return true;
            clock.advance(10 * base::kMillisecond);
            std::this_thread::yield();
        }
        return false;
    }
    std::size_t asked() {
        return service.look([&] { return bodies.size(); });
    }

    ManualClock clock;
    TestKv store;
    v1::OAuthAccount account;
    Eventually service;
    std::vector<std::string> bodies;
    std::deque<Sent> answers;
    std::shared_future<void> held;
    std::unique_ptr<OAuth> oauth;
};

} // namespace

TEST_CASE("a token is fetched once and again shortly before it ends", "[oauth]") {
    OAuthBench bench;
    bench.answers = {token("a"), token("b")};
    CHECK(bench.value() == "a");
    CHECK(bench.value() == "a");
    CHECK_THAT(bench.bodies.at(0), Contains("grant_type=refresh_token&refresh_token=configured"));
    bench.clock.advance(58 * base::kMinute);
    CHECK(bench.value() == "a");
    bench.clock.advance(base::kMinute);
    CHECK(bench.ask());
    CHECK(bench.comesTo("b"));
    CHECK(bench.asked() == 2);
}

TEST_CASE("all who want a token at once wait for one request", "[oauth]") {
    OAuthBench bench;
    std::promise<void> release;
    bench.held = release.get_future().share();
    bench.answers = {token("a")};
    std::vector<std::future<std::string>> wanting;
    for (int i = 0; i < 8; ++i)
        wanting.push_back(std::async(std::launch::async, [&] { return bench.value(); }));
    CHECK(bench.service.comesTrue([&] { return bench.bodies.size() == 1; }));
    release.set_value();
    for (auto& each : wanting) CHECK(each.get() == "a");
    CHECK(bench.asked() == 1);
}

TEST_CASE("a refresh token that is replaced is the one that is used, after a restart too",
          "[oauth]") {
    OAuthBench bench;
    bench.answers = {token("a", "second"), token("b", "third"), token("c")};
    CHECK(bench.value() == "a");
    bench.restart();
    CHECK(bench.value() == "a");
    CHECK(bench.asked() == 1);
    bench.clock.advance(base::kHour);
    CHECK(bench.value() == "b");
    CHECK_THAT(bench.bodies.at(1), Contains("refresh_token=second"));
    // A newly configured one begins anew.
    bench.account.set_refresh_token("new");
    CHECK(bench.value() == "c");
    CHECK_THAT(bench.bodies.at(2), Contains("refresh_token=new"));
}

TEST_CASE("a refresh token that is taken once is never sent twice", "[oauth]") {
    OAuthBench bench;
    bench.account.set_single_use(true);
    bench.answers = {base::Error{Code::Unclear, "id.example: closed"}};
    CHECK(bench.ask().error().code == Code::Unavailable);
    bench.restart();
    const auto refused = bench.ask();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Auth);
    CHECK_THAT(refused.error().message, Contains("was lost"));
    CHECK(bench.asked() == 1);
    // One that may be sent again is.
    OAuthBench other;
    other.answers = {base::Error{Code::Unclear, "closed"}, token("a")};
    CHECK_FALSE(other.ask());
    other.clock.advance(base::kMinute);
    CHECK(other.value() == "a");
}

TEST_CASE("credentials that are refused are asked about once a minute", "[oauth]") {
    OAuthBench bench;
    bench.answers = {refusal(400, R"({"error":"invalid_grant"})"), token("a")};
    const auto refused = bench.ask();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Auth);
    CHECK_THAT(refused.error().message, Contains("status 400 and invalid_grant"));
    CHECK(refused.error().message.find("configured") == std::string::npos);
    CHECK_FALSE(bench.ask());
    CHECK(bench.asked() == 1);
    bench.clock.advance(base::kMinute);
    CHECK(bench.value() == "a");
}

TEST_CASE("a service that is down leaves the token that is still good", "[oauth]") {
    OAuthBench bench;
    bench.answers = {token("a"), refusal(503, ""), token("b")};
    CHECK(bench.value() == "a");
    bench.clock.advance(base::kHour - 30 * base::kSecond);
    CHECK(bench.value() == "a");
    CHECK(bench.service.comesTrue([&] { return bench.bodies.size() == 2; }));
    CHECK(bench.comesTo("b"));
    CHECK(bench.asked() == 3);
}

TEST_CASE("a token that was refused is replaced unless it was meanwhile", "[oauth]") {
    OAuthBench bench;
    bench.answers = {token("a"), token("b")};
    const auto first = bench.ask();
    REQUIRE(first);
    bench.clock.advance(base::kMinute);
    bench.oauth->refused(bench.account, first->serial);
    CHECK(bench.value() == "b");
    // Said of the old one, late.
    bench.oauth->refused(bench.account, first->serial);
    CHECK(bench.value() == "b");
    CHECK(bench.asked() == 2);
}

TEST_CASE("when an instance's token ends is known", "[oauth]") {
    OAuthBench bench;
    CHECK(bench.oauth->endsAt("reviews") == 0);
    bench.answers = {token("a")};
    REQUIRE(bench.value() == "a");
    CHECK(bench.oauth->endsAt("reviews") == bench.clock.now() + base::kHour);
    CHECK(bench.oauth->endsAt("another") == 0);
}

TEST_CASE("client credentials need no refresh token and no database", "[oauth]") {
    OAuthBench bench;
    bench.oauth = std::make_unique<OAuth>(bench.clock, nullptr);
    CHECK(bench.ask().error().code == Code::Unavailable);
    bench.account.set_grant(v1::OAUTH_GRANT_CLIENT_CREDENTIALS);
    bench.account.set_scope("read write");
    bench.answers = {token("a")};
    CHECK(bench.value() == "a");
    CHECK(bench.bodies.at(0) == "grant_type=client_credentials&scope=read%20write");
}

TEST_CASE("who does not want the token any more does not wait for it", "[oauth]") {
    OAuthBench bench;
    std::promise<void> release;
    bench.held = release.get_future().share();
    bench.answers = {token("a")};
    const auto left = bench.oauth->token(
        "reviews", bench.account,
        [&](const v1::HttpRequest& request, const auto&) { return bench.serve(request); },
        [] { return true; });
    REQUIRE_FALSE(left);
    CHECK(left.error().code == Code::Cancelled);
    release.set_value();
    CHECK(bench.value() == "a");
}

TEST_CASE("hosts that share the data use each refresh token once", "[oauth]") {
    OAuthBench bench;
    auto other = std::make_unique<OAuth>(bench.clock, bench.store.kv.get());
    const auto changeHosts = [&] { std::swap(bench.oauth, other); };
    bench.answers = {token("a", "r2"), token("b", "r3"), token("c", "r4")};
    CHECK(bench.value() == "a");
    bench.clock.advance(61 * base::kMinute);
    changeHosts();
    CHECK(bench.value() == "b");
    // The first one finds what the second one was given.
    changeHosts();
    CHECK(bench.value() == "b");
    CHECK(bench.asked() == 2);
    bench.clock.advance(61 * base::kMinute);
    CHECK(bench.value() == "c");
    CHECK_THAT(bench.bodies.at(2), Contains("refresh_token=r3"));
}
