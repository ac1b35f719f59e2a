// What the host does for a plugin, asked for through the boundary: in the host and in a worker.
#include "base/file.h"
#include "contract/plugin_bench.h"
#include "support/eventually.h"
#include "support/process.h"
#include "support/scripted_server.h"

#include "hearback/v1/feedback.pb.h"
#include "hearback/v1/host.pb.h"

#include <hearback/signatures/signatures.h>

#include <atomic>
#include <iostream>
#include <sstream>

using namespace hearback;
using Catch::Matchers::Contains;
using hearback::testing::bodyOf;
using hearback::testing::Eventually;
using hearback::testing::PluginBench;
using hearback::testing::ScriptedServer;
using pipeline::Verdict;

namespace {

const auto kBoth = {config::Isolation::InProcess, config::Isolation::Worker};

struct ServicesBench : PluginBench {
    explicit ServicesBench(config::Isolation where) : PluginBench(HEARBACK_ZOO "/services") {
        isolation = where;
        folder.write("token", "s3cret-token\n");
    }
    std::unique_ptr<pipeline::Source> that(const std::string& does,
                                           const std::string& url = "https://x.example/") {
        auto made = source("services", {{"does", does}, {"url", url}, {"token", "file:token"}});
        REQUIRE(made->start(std::nullopt).isOk());
        return made;
    }
    // What it says of what it did.
    static std::string poll(pipeline::Source& source) {
        const pipeline::Answer answer = source.poll({});
        INFO(answer.text);
        CHECK(answer.isOk());
        v1::FeedbackBatch batch;
        return batch.ParseFromString(answer.bytes) && batch.messages_size() == 1
                   ? batch.messages(0).text()
                   : "nothing";
    }
    static v1::IngressReply receive(pipeline::Source& source, const std::string& method,
                                    const std::string& query, const std::string& body = {}) {
        v1::IngressRequest request;
        request.set_method(method);
        request.set_query(query);
        request.set_body(body);
        v1::IngressReply reply;
        const pipeline::Answer answer = source.receive("", request.SerializeAsString());
        INFO(answer.text);
        CHECK(answer.isOk());
        CHECK(reply.ParseFromString(answer.bytes));
        return reply;
    }
};

} // namespace

TEST_CASE("a wait that an answer asks for reaches the plugin and stops the next call",
          "[services]") {
    for (const auto where : kBoth) {
        std::atomic<int> asked = 0;
        ScriptedServer server([&](ScriptedServer::Connection& connection) {
            while (!connection.request().empty()) {
                ++asked;
                connection.answer(429, "", "Retry-After: 30\r\n");
            }
        });
        ServicesBench bench(where);
        const auto source = bench.that("send", server.url());
        CHECK(bench.poll(*source) == "429 30000");
        const auto refused = source->poll({});
        CHECK(refused.verdict == Verdict::RateLimited);
        CHECK(refused.retry_after == 30 * base::kSecond);
        CHECK_THAT(refused.text, Contains("can be asked again in 30 s"));
        CHECK(asked == 1);
        bench.clock.advance(30 * base::kSecond);
        CHECK(bench.poll(*source) == "429 30000");
        source->stop();
    }
}

TEST_CASE("money is spent up to its budget", "[services]") {
    for (const auto where : kBoth) {
        ScriptedServer server([&](ScriptedServer::Connection& connection) {
            while (!connection.request().empty()) connection.answer(200, "{}");
        });
        ServicesBench bench(where);
        const auto source = bench.that("budget", server.url());
        CHECK(bench.poll(*source) == "200 0");
        CHECK(bench.poll(*source) == "200 0");
        const auto refused = source->poll({});
        CHECK(refused.verdict == Verdict::RateLimited);
        CHECK_THAT(refused.text, Contains("nothing left in the budget \"USD\""));
        CHECK(refused.retry_after > base::kHour);
        source->stop();
    }
}

TEST_CASE("a plugin sends to the hosts of its manifest and to no other", "[services]") {
    for (const auto where : kBoth) {
        ServicesBench bench(where);
        const auto source = bench.that("leave");
        const auto refused = source->poll({});
        CHECK(refused.verdict == Verdict::Unsupported);
        CHECK_THAT(refused.text, Contains("does not say that it sends to else.example"));
        source->stop();
    }
}

TEST_CASE("services are there where their tags say and nowhere else", "[services]") {
    for (const auto where : kBoth) {
        ScriptedServer server([&](ScriptedServer::Connection& connection) {
            while (!connection.request().empty())
                connection.answer(200, R"({"access_token":"access","expires_in":3600})");
        });
        ServicesBench bench(where);
        // A request, an access token, a value.
        for (const auto& [does, statuses] :
             std::map<std::string, std::string>{{"early", "11 11 11"}, // in configure(): INTERNAL
                                                {"start", "0 0 0"},
                                                {"thread", "0 0 11"}}) {
            bench.name = does;
            const auto source = bench.that(does, server.url());
            INFO(does);
            CHECK(bench.poll(*source) == statuses);
            source->stop();
        }
    }
}

TEST_CASE("a program that asks for a value while it is configured is refused", "[services]") {
    if (testing::Process({"python3", "--version"}).wait().code != 0) {
        WARN("SKIPPED: python3 is not installed");
        return;
    }
    const testing::TempFolder folder;
    const std::filesystem::path example = HEARBACK_SOURCE_DIR "/examples/languages/python";
    std::filesystem::copy(example, folder.path());
    std::string source = base::readFile(folder / "reviews.py", 1 << 20).value();
    const std::string place = "        self.state = \"configured\"\n\n    def start";
    REQUIRE(source.find(place) != std::string::npos);
    source.insert(source.find(place),
                  "        try:\n"
                  "            self.pipe.ask(self.name, \"kv.get\", b\"key\")\n"
                  "        except Failure as failure:\n"
                  "            raise Failure(CONFIG, failure.answer[\"text\"])\n");
    folder.write("reviews.py", source);
    PluginBench bench(folder.path());
    bench.isolation = config::Isolation::Worker;
    CHECK_FALSE(bench.make("reviews", "channel", {{"url", "https://x.example/"}}));
    CHECK_THAT(bench.problem(), Contains("kv.get was asked for in configure()"));
}

TEST_CASE("an address is added in start and not while the channel runs", "[services]") {
    for (const auto where : kBoth) {
        ServicesBench bench(where);
        const auto source = bench.that("route");
        CHECK(bench.poll(*source) == std::to_string(HB_INTERNAL));
        CHECK(source->routes().size() == 1);
        source->stop();
    }
}

TEST_CASE("a token that is kept is given to nobody who may not send to where it comes from",
          "[services]") {
    for (const auto where : kBoth) {
        ScriptedServer server([&](ScriptedServer::Connection& connection) {
            while (!connection.request().empty())
                connection.answer(200, R"({"access_token":"access","expires_in":3600})");
        });
        ServicesBench bench(where);
        const auto source = bench.that("token", server.url());
        CHECK(bench.poll(*source) == "access");
        source->stop();
        bench.name = "other";
        const auto other = bench.source("services", {{"does", "token"},
                                                     {"url", "https://x.example/"},
                                                     {"account", server.url()},
                                                     {"token", "file:token"}});
        REQUIRE(other->start(std::nullopt).isOk());
        const auto refused = other->poll({});
        CHECK(refused.verdict == Verdict::Unsupported);
        CHECK_THAT(refused.text, Contains("does not say that it sends to 127.0.0.1"));
        other->stop();
    }
}

TEST_CASE("an access token is fetched once kept and replaced when it is refused", "[services]") {
    for (const auto where : kBoth) {
        std::atomic<int> fetched = 0;
        Eventually seen;
        std::vector<std::string> bodies;
        ScriptedServer server([&](ScriptedServer::Connection& connection) {
            for (auto request = connection.request(); !request.empty();
                 request = connection.request()) {
                seen.note([&] { bodies.push_back(bodyOf(request)); });
                const std::string which = std::to_string(++fetched);
                connection.answer(200, R"({"access_token":"access-)" + which +
                                           R"(","refresh_token":"refresh-)" + which +
                                           R"(","expires_in":3600})");
            }
        });
        ServicesBench bench(where);
        auto source = bench.that("token", server.url());
        CHECK(bench.poll(*source) == "access-1");
        CHECK(bench.poll(*source) == "access-1");
        CHECK(fetched == 1);
        // Another instance with the same account.
        bench.name = "other";
        const auto other = bench.that("refused", server.url());
        // Its own was never given: nothing to refuse yet.
        CHECK(bench.poll(*other) == "access-1");
        bench.clock.advance(base::kMinute);
        CHECK(bench.poll(*other) == "access-2");
        CHECK(bench.poll(*source) == "access-2");
        bench.clock.advance(base::kHour);
        CHECK(bench.poll(*source) == "access-3");
        const auto sent = seen.look([&] { return bodies; });
        REQUIRE(sent.size() == 3);
        CHECK_THAT(sent[0], Contains("refresh_token=first-refresh-token"));
        CHECK_THAT(sent[1], Contains("refresh_token=refresh-1"));
        CHECK_THAT(sent[2], Contains("refresh_token=refresh-2"));
        source->stop();
        other->stop();
    }
}

TEST_CASE("a secret that was changed is the new one at the next look", "[services]") {
    for (const auto where : kBoth) {
        ServicesBench bench(where);
        const auto source = bench.that("secret");
        CHECK(bench.poll(*source) == "s3cret-token");
        bench.folder.write("token", "another-token\n");
        CHECK(bench.poll(*source) == "another-token");
        CHECK_THAT(bench.metrics.text(),
                   Contains("hearback_plugin_secret_changes_total{instance=\"it\"} 1"));
        source->stop();
    }
}

TEST_CASE("an instance finds what it stored and no other does", "[services]") {
    for (const auto where : kBoth) {
        ServicesBench bench(where);
        const auto source = bench.that("count");
        CHECK(bench.poll(*source) == "1");
        CHECK(bench.poll(*source) == "2");
        source->stop();
        bench.name = "other";
        const auto other = bench.that("count");
        CHECK(bench.poll(*other) == "1");
        other->stop();
    }
}

TEST_CASE("a channel is woken at its time and not after it was stopped", "[services]") {
    for (const auto where : kBoth) {
        ServicesBench bench(where);
        Eventually woken;
        int times = 0;
        const auto source = bench.that("wake");
        source->onWake([&] { woken.note([&] { ++times; }); });
        CHECK(bench.poll(*source) == "done");
        // A worker's note is on its way: what follows it has passed it.
        CHECK(bench.poll(*source) == "done");
        source->stop();
        // A worker has the time of this machine, whatever year that is.
        bench.clock.advance(200 * 366 * base::kDay);
        CHECK(woken.look([&] { return times; }) == 0);
        REQUIRE(source->start(std::nullopt).isOk());
        CHECK(bench.poll(*source) == "done");
        bench.clock.advance(base::kMinute);
        CHECK(woken.comesTrue([&] { return times == 1; }));
        source->stop();
    }
}

TEST_CASE("what a plugin says loses its secrets in errors and in the log", "[services]") {
    for (const auto where : kBoth) {
        std::ostringstream log;
        std::streambuf* const real = std::cerr.rdbuf(log.rdbuf());
        base::configureLog(base::LogFormat::Text, base::LogLevel::Info);
        {
            ServicesBench bench(where);
            const auto failing = bench.that("fail");
            CHECK(failing->poll({}).text == "no luck with *** at https://x.example/?key=***");
            failing->stop();
            bench.name = "figures";
            const auto source = bench.that("figures");
            CHECK(bench.poll(*source) == "done");
            source->stop();
            const std::string figures = bench.metrics.text();
            CHECK_THAT(figures, Contains("hearback_plugin_seen_total{instance=\"figures\"} 2"));
            CHECK_THAT(figures, Contains("hearback_plugin_depth{instance=\"figures\"} 7"));
        }
        std::cerr.rdbuf(real);
        base::configureLog(base::LogFormat::Text, base::LogLevel::Error);
        CHECK_THAT(log.str(), Contains("the token is ***"));
        CHECK(log.str().find("s3cret-token") == std::string::npos);
    }
}

TEST_CASE("challenges are answered by the plugin", "[services]") {
    for (const auto where : kBoth) {
        ServicesBench bench(where);
        const auto source = bench.that("nothing");
        const auto meta = bench.receive(*source, "GET",
                                        "hub.mode=subscribe&hub.verify_token=s3cret-token&"
                                        "hub.challenge=11%2058");
        CHECK(meta.status() == 200);
        CHECK(meta.body() == "11 58");
        CHECK_FALSE(meta.has_batch());
        const auto wrong =
            bench.receive(*source, "GET", "hub.mode=subscribe&hub.verify_token=x&hub.challenge=1");
        CHECK(wrong.status() == 403);
        const auto crc = bench.receive(*source, "GET", "crc_token=abc");
        CHECK(crc.body() ==
              R"({"response_token":"sha256=)" +
                  signatures::toBase64(signatures::hmacSha256("s3cret-token", "abc")) + "\"}");
        CHECK(bench.receive(*source, "POST", "", R"({"type":"url_verification","challenge":"c"})")
                  .body() == "c");
        CHECK(bench.receive(*source, "POST", "", R"({"type":1})").body() == R"({"type":1})");
        CHECK(bench.receive(*source, "POST", "", R"({"text":"news"})").has_batch());
        source->stop();
    }
}
