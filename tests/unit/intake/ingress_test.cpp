#include "base/utf8.h"
#include "intake/ingress.h"
#include "support/fake_entrance.h"
#include "support/fake_source.h"
#include "support/manual_clock.h"

#include <hearback/sdk/ingress.hpp>

#include <catch2/catch.hpp>

#include <thread>

using namespace hearback;
using Catch::Matchers::Contains;
using hearback::testing::FakeEntrance;
using hearback::testing::FakeSource;
using pipeline::Verdict;

namespace {

struct IngressFixture {
    explicit IngressFixture(base::Micros timeout = base::kMinute)
        : ingress(entrance, clock, metrics, timeout) {
        source.received_at = {{"", {"POST"}, 0}, {"/callback", {"GET", "POST"}, 4096}};
        ingress.add(source);
        entrance.result = FakeEntrance::inserted(1);
    }
    void replies(const Reply& reply) {
        source.reply = FakeSource::answer(Verdict::Ok, reply.encode());
    }
    void repliesWithMessage(int status = 200) {
        Reply reply;
        reply.status(status);
        reply.batch().add().externalId("a").text("text");
        replies(reply);
    }
    intake::IngressAnswer post(const std::string& body = "{}", const std::string& path = "") {
        v1::IngressRequest request;
        request.set_method("POST");
        request.set_path(path);
        request.set_body(body);
        return ingress.handle("shop", request);
    }

    testing::ManualClock clock;
    base::Metrics metrics;
    FakeEntrance entrance;
    FakeSource source{clock};
    intake::Ingress ingress;
};

std::string headerOf(const intake::IngressAnswer& answer, const std::string& name) {
    for (const auto& [key, value] : answer.headers)
        if (key == name) return value;
    return "there is none";
}

} // namespace

TEST_CASE("a request reaches the channel as it came", "[intake]") {
    IngressFixture fixture;
    fixture.replies(Reply());
    v1::IngressRequest request;
    request.set_method("GET");
    request.set_path("/callback");
    request.set_query("challenge=7");
    request.set_body("body\xFF");
    CHECK(fixture.ingress.handle("shop", request).status == 204);
    REQUIRE(fixture.source.requests.size() == 1);
    CHECK(fixture.source.requests[0].first == "/callback");
    CHECK(fixture.source.requests[0].second == request.SerializeAsString());
}

TEST_CASE("a channel that does not run yet asks to be sent the request again", "[intake]") {
    IngressFixture fixture;
    fixture.source.received_at.clear();
    const auto answer = fixture.post();
    CHECK(answer.status == 503);
    CHECK(headerOf(answer, "Retry-After") == "5");
    // One that never receives is no address.
    fixture.source.is_receiving = false;
    CHECK(fixture.post().status == 404);
}

TEST_CASE("what requests brought is counted for their source", "[intake]") {
    IngressFixture fixture;
    fixture.repliesWithMessage();
    CHECK(fixture.post().status == 200);
    CHECK(fixture.post().status == 200);
    const auto received = fixture.ingress.received("shop");
    CHECK(received.stored.inserted == 2);
    CHECK(received.last_message_at == fixture.clock.now());
    CHECK(fixture.ingress.received("nobody").stored.inserted == 0);
}

TEST_CASE("where nothing is received the answer is 404", "[intake]") {
    IngressFixture fixture;
    CHECK(fixture.post("{}", "/other").status == 404);
    CHECK(fixture.ingress.handle("nobody", v1::IngressRequest()).status == 404);
    CHECK(fixture.source.requests.empty());
    CHECK_FALSE(fixture.ingress.maxBody("nobody", ""));
    CHECK_FALSE(fixture.ingress.maxBody("shop", "/other"));
    CHECK(fixture.ingress.maxBody("shop", "") == 0U);
    CHECK(fixture.ingress.maxBody("shop", "/callback") == 4096U);
}

TEST_CASE("a method that is not received is answered with those that are", "[intake]") {
    IngressFixture fixture;
    v1::IngressRequest request;
    request.set_method("DELETE");
    request.set_path("/callback");
    const auto answer = fixture.ingress.handle("shop", request);
    CHECK(answer.status == 405);
    CHECK(headerOf(answer, "Allow") == "GET, POST");
    CHECK(fixture.source.requests.empty());
}

TEST_CASE("what a channel answers without messages is passed on", "[intake]") {
    IngressFixture fixture;
    Reply reply;
    reply.refuse(401, "signature", "the signature does not fit\n");
    reply.header("X-Hint", "look at your clock");
    fixture.replies(reply);
    const auto answer = fixture.post();
    CHECK(answer.status == 401);
    CHECK(answer.body == "the signature does not fit\n");
    CHECK(headerOf(answer, "X-Hint") == "look at your clock");
    CHECK(headerOf(answer, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(fixture.entrance.batches.empty());
    CHECK_THAT(fixture.metrics.text(),
               Contains("hearback_ingress_refused_total{reason=\"signature\",source=\"shop\"} 1"));
}

TEST_CASE("success is answered when the messages are stored and not before", "[intake]") {
    IngressFixture fixture;
    fixture.repliesWithMessage(202);
    fixture.entrance.result.reset();
    std::optional<intake::IngressAnswer> answer;
    std::thread request([&] {
        auto given = fixture.post();
        fixture.source.seen.note([&] { answer = given; });
    });
    REQUIRE(fixture.entrance.got(1));
    CHECK_FALSE(fixture.source.seen.look([&] { return answer.has_value(); }));
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    request.join();
    REQUIRE(answer);
    CHECK(answer->status == 202);
    const pipeline::Batch& batch = fixture.entrance.batches.at(0);
    CHECK(batch.source == "shop");
    CHECK(batch.plugin == "fake");
    CHECK(batch.items.at(0).message.external_id() == "a");
}

TEST_CASE("received messages are counted", "[intake]") {
    IngressFixture fixture;
    fixture.repliesWithMessage();
    CHECK(fixture.post().status == 200);
    CHECK(fixture.post().status == 200);
    CHECK_THAT(fixture.metrics.text(),
               Contains("hearback_source_messages_total{source=\"shop\"} 2\n"));
}

TEST_CASE("a checkpoint in a request does not move the source", "[intake]") {
    IngressFixture fixture;
    Reply reply;
    reply.batch().add().externalId("a").text("text");
    reply.batch().checkpoint("row 7");
    fixture.replies(reply);
    CHECK(fixture.post().status == 204);
    CHECK_FALSE(fixture.entrance.batches.at(0).checkpoint);
}

TEST_CASE("where messages cannot be stored the sender is asked to come again", "[intake]") {
    IngressFixture full;
    full.repliesWithMessage();
    full.entrance.refusals = 1;
    const auto busy = full.post();
    CHECK(busy.status == 503);
    CHECK(headerOf(busy, "Retry-After") == "5");

    IngressFixture failing;
    failing.repliesWithMessage();
    failing.entrance.result = base::Error{base::Code::Full, "disk"};
    const auto failed = failing.post();
    CHECK(failed.status == 503);
    CHECK(headerOf(failed, "Retry-After") == "5");
    CHECK(failed.body.find("disk") == std::string::npos);
    CHECK(failing.metrics.text().find("hearback_source_messages_total") == std::string::npos);
}

TEST_CASE("what is not stored in time is not said to be", "[intake]") {
    IngressFixture fixture(base::kMillisecond);
    fixture.repliesWithMessage();
    fixture.entrance.result.reset();
    const auto answer = fixture.post();
    CHECK(answer.status == 503);
    CHECK(headerOf(answer, "Retry-After") == "5");
    // It may still be stored: then it is known when the sender comes again.
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
}

TEST_CASE("a body that is kept as a dead letter is still answered as the channel says",
          "[intake]") {
    IngressFixture fixture;
    Reply reply;
    reply.batch().reject("the body is no JSON", "{", "request 1");
    reply.refuse(422, "malformed", "the body is no JSON\n");
    fixture.replies(reply);
    CHECK(fixture.post().status == 422);
    REQUIRE(fixture.entrance.batches.size() == 1);
    CHECK(fixture.entrance.batches[0].dead_letters.at(0).payload == "{");
}

TEST_CASE("a channel that fails is answered for without its secrets", "[intake]") {
    struct Case {
        Verdict verdict;
        int status;
    };
    const auto each = GENERATE(Case{Verdict::Internal, 500}, Case{Verdict::Unsupported, 500},
                               Case{Verdict::Auth, 500}, Case{Verdict::Unavailable, 503},
                               Case{Verdict::Cancelled, 503});
    IngressFixture fixture;
    fixture.source.reply = FakeSource::answer(each.verdict, "", "password is hunter2");
    const auto answer = fixture.post();
    CHECK(answer.status == each.status);
    CHECK(answer.body.find("hunter2") == std::string::npos);
    CHECK_THAT(fixture.metrics.text(), Contains("reason=\"plugin_failed\""));
}

TEST_CASE("a channel that is too busy says for how long", "[intake]") {
    IngressFixture fixture;
    fixture.source.reply = FakeSource::answer(Verdict::RateLimited);
    CHECK(headerOf(fixture.post(), "Retry-After") == "1");
    fixture.source.reply.retry_after = 90 * base::kSecond;
    const auto answer = fixture.post();
    CHECK(answer.status == 429);
    CHECK(headerOf(answer, "Retry-After") == "90");
}

TEST_CASE("a reply that makes no sense is an error of the channel's", "[intake]") {
    IngressFixture fixture;
    for (const int status : {0, 99, 100, 199, 600, -1}) {
        Reply reply;
        reply.status(status);
        fixture.replies(reply);
        INFO(status);
        CHECK(fixture.post().status == 500);
    }
    fixture.source.reply = FakeSource::answer(Verdict::Ok, "garbage");
    CHECK(fixture.post().status == 500);
    // The status as text, the body as a number: fields that are not known.
    fixture.source.reply = FakeSource::answer(Verdict::Ok, "\x0A\x03"
                                                           "200\x18\x01");
    CHECK(fixture.post().status == 204);
    // No batch at all in the place of the batch.
    fixture.source.reply =
        FakeSource::answer(Verdict::Ok, std::string("\x22\x03\x0A\x7F", 4) + "x");
    CHECK(fixture.post().status == 500);
    CHECK(fixture.entrance.batches.empty());
}

TEST_CASE("a header cannot smuggle in another one", "[intake]") {
    IngressFixture fixture;
    Reply reply;
    reply.header("X-Good", "kept");
    reply.header("X-Bad", "a\r\nSet-Cookie: stolen");
    reply.header("X-Bad\nSet-Cookie", "b");
    reply.header("", "c");
    fixture.replies(reply);
    const auto answer = fixture.post();
    CHECK(headerOf(answer, "X-Good") == "kept");
    CHECK(answer.headers.size() == 1);
}

TEST_CASE("the reason of a refusal stays short and UTF-8 in the figures", "[intake]") {
    IngressFixture fixture;
    Reply reply;
    std::string reason = "x";
    for (int i = 0; i < 100; ++i) reason += "\xC3\xA4";
    reply.refuse(401, reason + "\xFF", "no\n");
    fixture.replies(reply);
    CHECK(fixture.post().status == 401);
    CHECK(base::isUtf8(fixture.metrics.text()));
    CHECK(fixture.metrics.text().size() < 500);
}
