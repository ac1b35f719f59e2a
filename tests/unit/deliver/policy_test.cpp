// When a delivery is sent, when it is not, and who is asked then.
#include "unit/deliver/deliver_fixture.h"

using namespace hearback;
using Catch::Matchers::Contains;
using deliver::DeliveryState;
using hearback::testing::DeliverFixture;
using hearback::testing::failing;
using hearback::testing::kCrm;
using hearback::testing::TestStore;
using pipeline::Verdict;

namespace {

v1::FeedbackMessage inThread(const std::string& id, const std::string& thread) {
    v1::FeedbackMessage message = TestStore::message(id, "text of " + id);
    message.set_conversation_key(thread);
    return message;
}

std::vector<std::string> textsOf(const std::vector<v1::Delivery>& seen) {
    std::vector<std::string> texts;
    for (const v1::Delivery& each : seen) texts.push_back(each.message().text());
    return texts;
}

} // namespace

TEST_CASE("what is tried again is not overtaken within its conversation", "[deliver]") {
    DeliverFixture f;
    f.store_({inThread("a1", "A"), inThread("a2", "A"), inThread("b1", "B"),
              TestStore::message("alone", "alone")});
    v1::DeliveryResults first_fails;
    auto* failed = first_fails.add_results();
    failed->set_index(0);
    failed->set_status(static_cast<int>(Verdict::Unavailable));
    f.sink.answer.bytes = first_fails.SerializeAsString();
    CHECK(f.deliverer.step());
    CHECK(textsOf(f.sink.seen) == std::vector<std::string>{"text of a1", "text of b1", "alone"});
    f.sink.seen.clear();
    f.sink.answer.bytes.clear();
    f.deliverAll(); // the first repetition follows at once
    CHECK(textsOf(f.sink.seen) == std::vector<std::string>{"text of a1", "text of a2"});
}

TEST_CASE("a question that stood alone is delivered before its answer", "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(Verdict::Unavailable);
    f.store_({TestStore::message("question", "why?")});
    f.deliverAll();
    v1::FeedbackMessage answer = TestStore::message("answer", "because");
    answer.set_parent_external_id("question");
    f.store_({answer});
    f.sink.seen.clear();
    f.deliverAll();
    CHECK(f.sink.seen.empty()); // the question waits for its next attempt
    f.sink.answer = {};
    f.store.clock.advance(base::kMinute);
    f.deliverAll();
    CHECK(textsOf(f.sink.seen) == std::vector<std::string>{"why?", "because"});
}

TEST_CASE("an endpoint that is down is asked with one delivery at a time", "[deliver]") {
    DeliverFixture f({.batch_items = 10, .per_minute = 0});
    f.sink.answer = failing(Verdict::Unavailable);
    std::vector<v1::FeedbackMessage> messages;
    for (int i = 0; i < 100; ++i) messages.push_back(TestStore::message(std::to_string(i), "text"));
    f.store_(messages);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 50); // five calls of ten
    CHECK(f.deliverer.state().opens_at > f.store.clock.now());
    // Two days down: whoever waits is not given up for it.
    for (int i = 0; i < 2 * 24 * 12; ++i) {
        f.store.clock.advance(5 * base::kMinute);
        f.deliverAll();
    }
    const auto calls = f.sink.seen.size() - 50;
    CHECK(calls <= 2 * 24 * 12 + 10);
    CHECK(f.store.outbox->count(DeliveryState::Dead).value() < 70);
    f.sink.answer = {};
    f.store.clock.advance(12 * base::kHour);
    f.deliverAll();
    CHECK(f.store.outbox->count(DeliveryState::Waiting).value() == 0);
    CHECK(f.deliverer.state().opens_at == 0);
}

TEST_CASE("being limited is no failed attempt and stops after a week", "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(Verdict::RateLimited, base::kHour);
    f.store_({TestStore::message("a", "hello")});
    for (int i = 0; i < 7 * 24; ++i) {
        f.deliverAll();
        f.store.clock.advance(base::kHour);
    }
    CHECK(f.row(1).state == DeliveryState::Waiting);
    CHECK(f.row(1).attempts == 0);
    f.store.clock.advance(base::kHour);
    f.deliverAll();
    CHECK(f.row(1).state == DeliveryState::Dead);
}

TEST_CASE("at most so many leave in a minute", "[deliver]") {
    DeliverFixture f({.batch_items = 100, .per_minute = 30});
    std::vector<v1::FeedbackMessage> messages;
    for (int i = 0; i < 100; ++i) messages.push_back(TestStore::message(std::to_string(i), "text"));
    f.store_(messages);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 30);
    CHECK(f.deliverer.untilNext() > base::kSecond);
    f.store.clock.advance(20 * base::kSecond);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 40);
    f.store.clock.advance(base::kHour);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 70);
}

TEST_CASE("what may have arrived is not sent again where nothing tells repeats", "[deliver]") {
    const auto verdict = GENERATE(Verdict::Unavailable, Verdict::Internal, Verdict::Cancelled);
    DeliverFixture f;
    f.sink.repeatable = false;
    f.sink.answer = failing(verdict);
    f.store_({TestStore::message("a", "hello")});
    f.deliverAll();
    CHECK(f.sink.seen.size() == 1);
    CHECK(f.row(1).state == DeliveryState::Unclear);
    CHECK_THAT(f.row(1).last_error, Contains("may have arrived"));
    f.store.clock.advance(base::kDay);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 1);
    CHECK(dead_letters::listLetters(*f.store.database, {})->empty());
    // A person has looked.
    f.sink.answer = {};
    CHECK(f.retry(f.row(1).id).value() == 1);
    f.deliverAll();
    CHECK(f.row(1).state == DeliveryState::Delivered);
}

TEST_CASE("what surely did not arrive is tried again everywhere", "[deliver]") {
    DeliverFixture f;
    f.sink.repeatable = false;
    SECTION("because the other side refused to take it") {
        f.sink.answer = failing(GENERATE(Verdict::RateLimited, Verdict::Auth, Verdict::Config));
    }
    SECTION("because the sink says so") {
        v1::DeliveryResults results;
        auto* result = results.add_results();
        result->set_status(static_cast<int>(Verdict::Unavailable));
        result->set_untried(true);
        f.sink.answer.bytes = results.SerializeAsString();
    }
    f.store_({TestStore::message("a", "hello")});
    f.deliverer.step();
    CHECK(f.row(1).state == DeliveryState::Waiting);
    f.sink.answer = {};
    f.store.clock.advance(base::kHour);
    f.deliverAll();
    CHECK(f.row(1).state == DeliveryState::Delivered);
}

TEST_CASE("a host that ended while sending leaves what nothing tells from a repeat to a person",
          "[deliver]") {
    const bool takes_over = GENERATE(true, false);
    DeliverFixture f;
    f.sink.repeatable = GENERATE(true, false);
    f.store_({TestStore::message("a", "hello")});
    REQUIRE(f.store.outbox->claim(kCrm, 10, base::kMinute)->size() == 1);
    if (takes_over)
        REQUIRE(f.store.outbox->releaseClaims());
    else
        f.store.clock.advance(2 * base::kMinute);
    f.deliverAll();
    CHECK(f.sink.seen.size() == (f.sink.repeatable ? 1 : 0));
    CHECK(f.row(1).state ==
          (f.sink.repeatable ? DeliveryState::Delivered : DeliveryState::Unclear));
}

TEST_CASE("whoever lost its lease does not write over what another one noted", "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "hello")});
    auto frozen = f.store.outbox->claim(kCrm, 10, base::kMinute);
    REQUIRE(frozen->size() == 1);
    f.store.clock.advance(2 * base::kMinute);
    f.deliverAll();
    CHECK(f.row(1).state == DeliveryState::Delivered);
    frozen->front().state = DeliveryState::Dead;
    CHECK(f.store.outbox->settle(*frozen, f.services().keep).value() == 0);
    CHECK(f.row(1).state == DeliveryState::Delivered);
    CHECK(dead_letters::listLetters(*f.store.database, {})->empty());
}

TEST_CASE("an endpoint that wants nothing any more is held until somebody resumes it",
          "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(Verdict::End);
    f.store_({TestStore::message("a", "hello"), TestStore::message("b", "world")});
    f.deliverAll();
    f.store.clock.advance(base::kDay);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 2);
    CHECK(f.deliverer.state().held);
    CHECK(f.deliverer.state().last_error == "the endpoint is down");
    CHECK(f.row(1).state == DeliveryState::Waiting);
    f.sink.answer = {};
    REQUIRE(f.store.outbox->resume(kCrm));
    f.deliverAll();
    CHECK(f.store.outbox->count(DeliveryState::Waiting).value() == 0);
    CHECK_FALSE(f.deliverer.state().held);
    CHECK(f.store.outbox->resume(kCrm).error().code == base::Code::NotFound);
}

TEST_CASE("a sink is told what it called the message before", "[deliver]") {
    DeliverFixture f;
    v1::DeliveryResults results;
    results.add_results()->set_remote_id("T-1");
    f.sink.answer.bytes = results.SerializeAsString();
    auto message = TestStore::message("a", "hello");
    f.store_({message});
    f.deliverAll();
    message.set_text("edited");
    f.store_({message});
    f.deliverAll();
    REQUIRE(f.sink.seen.size() == 2);
    CHECK(f.sink.seen[0].remote_id().empty());
    CHECK(f.sink.seen[1].remote_id() == "T-1");
}

TEST_CASE("what waits can be taken back, what left cannot", "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "hello"), TestStore::message("b", "world")});
    deliver::DeliveryFilter first;
    first.ids = {f.row(1).id};
    CHECK(f.store.outbox->cancel(first).value() == 1);
    f.deliverAll();
    CHECK(textsOf(f.sink.seen) == std::vector<std::string>{"world"});
    CHECK(f.row(1).state == DeliveryState::Cancelled);
    CHECK(f.store.outbox->cancel({}).value() == 0);
    // Its edit does not go to a sink that never heard of it.
    f.store_({TestStore::message("a", "hello again")}, false);
    f.deliverAll();
    CHECK(f.sink.seen.size() == 1);
}

TEST_CASE("deliveries are listed by sink state message and time", "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "hello"), TestStore::message("b", "world")});
    f.deliverAll();
    f.store.clock.advance(base::kHour);
    const base::Micros later = f.store.clock.now();
    f.store_({TestStore::message("c", "later")});
    auto& outbox = *f.store.outbox;
    CHECK(outbox.list({}, 10)->size() == 3);
    CHECK(outbox.list({}, 2)->front().message_id == 3);
    deliver::DeliveryFilter filter;
    filter.states = {DeliveryState::Waiting};
    CHECK(outbox.list(filter, 10)->size() == 1);
    filter.states = {DeliveryState::Delivered, DeliveryState::Dead};
    CHECK(outbox.list(filter, 10)->size() == 2);
    filter.message_id = 2;
    CHECK(outbox.list(filter, 10)->size() == 1);
    filter = {};
    filter.since = later;
    CHECK(outbox.list(filter, 10)->size() == 1);
    filter.since = 0;
    filter.until = later;
    CHECK(outbox.list(filter, 10)->size() == 2);
    filter.sink = "crm' OR '1'='1";
    CHECK(outbox.list(filter, 10)->empty());
    filter.sink = "crm";
    CHECK(outbox.list(filter, 10)->size() == 2);
}
