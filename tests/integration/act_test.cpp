// What people do about a message leaves by the outbox, through a channel that runs.
#include "integration/server.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

struct ForumServer {
    explicit ForumServer(const std::string& isolation)
        : server(R"(
[[source]]
name = "board"
plugin = "forum"
isolation = ")" + isolation +
                     R"("
settings = { done = ")" +
                     (files / "done").string() + R"(", mood = ")" + (files / "mood").string() +
                     R"(" }
)",
                 {}, "plugin_dirs = [\"" HEARBACK_ZOO "/forum\"]\ntrust = { all = true }\n") {
        REQUIRE(eventually([&] { return server.messages() == 1; }));
    }
    std::int64_t act(std::vector<std::string> words) {
        words.insert(words.begin(), {"act", "1"});
        return server.json(words)["delivery"].get<std::int64_t>();
    }
    nlohmann::json delivery(std::int64_t id) {
        return server.json({"deliveries", "show", std::to_string(id)});
    }
    bool becomes(std::int64_t id, const std::string& state) {
        return eventually([&] { return delivery(id)["state"] == state; });
    }

    TempFolder files;
    Server server;
};

} // namespace

TEST_CASE("a reply leaves by the channel and one that is taken back does not", "[act]") {
    ForumServer forum(GENERATE("in-process", "worker"));
    const auto late = forum.act({"reply", "--text", "never mind", "--undo", "1h"});
    const auto reply = forum.act({"like", "--undo", "0s"});
    CHECK(forum.server.run({"deliveries", "cancel", std::to_string(late)}).code == 0);
    REQUIRE(forum.becomes(reply, "delivered"));
    const auto answer = forum.act({"reply", "--text", "It does.", "--undo", "0s", "--as", "Ada"});
    REQUIRE(forum.becomes(answer, "delivered"));
    CHECK(forum.delivery(answer)["remote_id"] == "answer-1");
    CHECK(forum.delivery(late)["state"] == "cancelled");
    CHECK(forum.files.read("done") == "question-1 6 1 \nquestion-1 1 1 It does.\n");
}

TEST_CASE("a reply whose fate is not known is not written twice", "[act]") {
    ForumServer forum("worker");
    forum.files.write("mood", "unclear");
    const auto reply = forum.act({"reply", "--text", "It does.", "--undo", "0s"});
    REQUIRE(forum.becomes(reply, "unclear"));
    CHECK(forum.server.status()["deliveries_unclear"] == 1);
    CHECK_THAT(forum.server.run({"deliveries", "list"}).out, Contains("may have arrived"));
    forum.files.write("mood", "");
    // A person has looked, and wants it again.
    CHECK(forum.server.run({"deliveries", "retry", std::to_string(reply)}).code == 0);
    REQUIRE(forum.becomes(reply, "delivered"));
    CHECK(forum.server.status()["deliveries_unclear"] == 0);
}

TEST_CASE("what a channel cannot do is refused with its reason", "[act]") {
    ForumServer forum("worker");
    const auto removal = forum.act({"delete", "--undo", "0s"});
    REQUIRE(forum.becomes(removal, "dead"));
    CHECK_THAT(forum.delivery(removal)["problem"].get<std::string>(),
               Contains("only moderators may"));
    const auto words = forum.server.run({"act", "1", "reply"});
    CHECK(words.code == 2);
    CHECK_THAT(words.err, Contains("a reply needs --text"));
    CHECK(forum.server.run({"act", "7", "like"}).code == 4);
}
