#include "deliver/retry_schedule.h"
#include "unit/deliver/deliver_fixture.h"

using namespace hearback;
using hearback::testing::DeliverFixture;
using hearback::testing::failing;
using hearback::testing::kCrm;
using hearback::testing::TestStore;

TEST_CASE("a routed message is delivered once with its text", "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "hello"), TestStore::message("b", "world")});
    CHECK(f.deliverer.step());
    CHECK_FALSE(f.deliverer.step());
    REQUIRE(f.sink.seen.size() == 2);
    CHECK(f.sink.seen[0].message().text() == "hello");
    CHECK(f.sink.seen[0].idempotency_key() != f.sink.seen[1].idempotency_key());
    CHECK(f.row(1).state == deliver::DeliveryState::Delivered);
}

TEST_CASE("a message that no rule gives to a sink stays in the house", "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "private")}, false);
    CHECK_FALSE(f.deliverer.step());
}

TEST_CASE("a failed delivery is tried again with the same key and later each time", "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(pipeline::Verdict::Unavailable);
    f.store_({TestStore::message("a", "hello")});
    CHECK(f.deliverer.step());
    CHECK(f.deliverer.step()); // the first repetition follows at once
    CHECK_FALSE(f.deliverer.step());
    f.store.clock.advance(6 * base::kSecond);
    CHECK(f.deliverer.step());
    CHECK_FALSE(f.deliverer.step());
    f.store.clock.advance(6 * base::kMinute);
    f.sink.answer = {};
    CHECK(f.deliverer.step());
    REQUIRE(f.sink.seen.size() == 4);
    CHECK(f.sink.seen[0].idempotency_key() == f.sink.seen[3].idempotency_key());
    CHECK(f.sink.seen[3].attempt() == 4);
    CHECK(f.row(1).state == deliver::DeliveryState::Delivered);
}

TEST_CASE("a delivery that never works becomes a dead letter and can be sent again", "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(pipeline::Verdict::Unavailable);
    f.store_({TestStore::message("a", "hello")});
    for (int i = 0; i < 12; ++i) {
        f.deliverer.step();
        f.store.clock.advance(12 * base::kHour);
    }
    CHECK(f.sink.seen.size() == 9);
    CHECK(f.row(1).state == deliver::DeliveryState::Dead);
    const auto letters = dead_letters::listLetters(*f.store.database, {});
    REQUIRE(letters->size() == 1);
    CHECK(letters->front().letter.cause == "the endpoint is down");
    f.sink.answer = {};
    CHECK(f.retry(f.row(1).id).value() == 1);
    CHECK(f.deliverer.step());
    CHECK(f.row(1).state == deliver::DeliveryState::Delivered);
}

TEST_CASE("a sink that asks for a pause is left alone for so long", "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(pipeline::Verdict::RateLimited, base::kHour);
    f.store_({TestStore::message("a", "hello")});
    CHECK(f.deliverer.step());
    f.store.clock.advance(59 * base::kMinute);
    CHECK_FALSE(f.deliverer.step());
    f.store.clock.advance(2 * base::kMinute);
    CHECK(f.deliverer.step());
}

TEST_CASE("a sink that people have to mend loses none of its deliveries", "[deliver]") {
    const auto verdict = GENERATE(pipeline::Verdict::Config, pipeline::Verdict::Auth);
    DeliverFixture f;
    f.sink.answer = failing(verdict);
    f.store_({TestStore::message("a", "hello")});
    for (int i = 0; i < 20; ++i) {
        f.deliverer.step();
        CHECK_FALSE(f.deliverer.step());
        f.store.clock.advance(base::kHour);
    }
    CHECK(f.row(1).state == deliver::DeliveryState::Waiting);
    CHECK(f.row(1).attempts == 0);
    CHECK(f.row(1).last_error == "the endpoint is down");
    CHECK(f.deliverer.state().last_error == "the endpoint is down");
    f.sink.answer = {};
    CHECK(f.deliverer.step());
    CHECK(f.row(1).state == deliver::DeliveryState::Delivered);
    CHECK(f.deliverer.state().last_error.empty());
}

TEST_CASE("a sink that does not start is started again and nothing is claimed for it",
          "[deliver]") {
    DeliverFixture f;
    f.sink.start_answer = failing(pipeline::Verdict::Config);
    f.store_({TestStore::message("a", "hello")});
    CHECK_FALSE(f.deliverer.step());
    CHECK(f.deliverer.untilNext() >= base::kMinute);
    CHECK(f.deliverer.state().last_error == "the endpoint is down");
    f.sink.start_answer = {};
    CHECK(f.deliverer.step());
    CHECK_FALSE(f.deliverer.step());
    CHECK(f.sink.starts == 2);
    CHECK(f.sink.seen.size() == 1);
}

TEST_CASE("a restored database does not use the keys of deliveries that it forgot", "[deliver]") {
    DeliverFixture before;
    before.store_({TestStore::message("a", "hello")});
    before.deliverer.step();
    DeliverFixture after; // the row has the same number and the installation the same name
    after.store.clock.advance(base::kMinute);
    after.store_({TestStore::message("b", "another")});
    after.deliverer.step();
    REQUIRE(before.row(1).id == after.row(1).id);
    CHECK(before.sink.seen[0].idempotency_key() != after.sink.seen[0].idempotency_key());
}

TEST_CASE("what waits is not sent twice, and what was delivered goes again under a new key",
          "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "hello")});
    CHECK(f.retry(f.row(1).id).value() == 0);
    f.deliverer.step();
    CHECK(f.retry(f.row(1).id).value() == 1);
    f.deliverer.step();
    REQUIRE(f.sink.seen.size() == 2);
    CHECK(f.sink.seen[0].idempotency_key() != f.sink.seen[1].idempotency_key());
}

TEST_CASE("results are taken for each delivery and nonsense is passed over", "[deliver]") {
    DeliverFixture f;
    v1::DeliveryResults results;
    auto* first = results.add_results();
    first->set_index(0);
    first->set_status(0);
    first->set_remote_id("T-1");
    auto* second = results.add_results();
    second->set_index(1);
    second->set_status(static_cast<int>(pipeline::Verdict::ItemInvalid));
    second->set_text("too long");
    results.add_results()->set_index(99);
    f.sink.answer.bytes = results.SerializeAsString();
    f.store_({TestStore::message("a", "x"), TestStore::message("b", "y")});
    CHECK(f.deliverer.step());
    CHECK(f.row(1).remote_id == "T-1");
    CHECK(f.row(2).state == deliver::DeliveryState::Dead);
    CHECK(f.row(2).last_error == "too long");
}

TEST_CASE("the end of the process is no failed attempt", "[deliver]") {
    DeliverFixture f;
    f.sink.answer = failing(pipeline::Verdict::Cancelled);
    f.store_({TestStore::message("a", "hello")});
    CHECK(f.deliverer.step());
    CHECK(f.row(1).attempts == 0);
    CHECK(f.row(1).state == deliver::DeliveryState::Waiting);
}

TEST_CASE("what another process has claimed is left to it until its lease ends", "[deliver]") {
    DeliverFixture f;
    f.store_({TestStore::message("a", "hello")});
    REQUIRE(f.store.outbox->claim(kCrm, 10, base::kMinute)->size() == 1);
    CHECK(f.store.outbox->claim(kCrm, 10, base::kMinute)->empty());
    CHECK(f.deliverer.untilNext() > 0);
    f.store.clock.advance(2 * base::kMinute);
    CHECK(f.store.outbox->claim(kCrm, 10, base::kMinute)->size() == 1);
}

TEST_CASE("a sink that was told of a message is told of its edit and its deletion", "[deliver]") {
    DeliverFixture f;
    auto message = TestStore::message("a", "hello");
    message.set_revision(1);
    f.store_({message});
    f.deliverer.step();
    message.set_revision(2);
    message.set_text("edited");
    f.store_({message}, false);
    message.set_revision(3);
    message.set_deleted_at_us(5);
    f.store_({message}, false);
    f.deliverAll();
    REQUIRE(f.sink.seen.size() == 3);
    CHECK(f.sink.seen[1].message().text() == "edited");
    CHECK(f.sink.seen[2].message().deleted_at_us() == 5);
}

TEST_CASE("an edit that was overtaken is delivered as it was", "[deliver]") {
    DeliverFixture f;
    auto message = TestStore::message("a", "first");
    message.set_revision(1);
    f.store_({message});
    message.set_revision(2);
    message.set_text("second");
    f.store_({message});
    f.deliverAll();
    REQUIRE(f.sink.seen.size() == 2);
    CHECK(f.sink.seen[0].message().text() == "first");
    CHECK(f.sink.seen[1].message().text() == "second");
}

TEST_CASE("the retries span about a day and then end", "[deliver]") {
    base::SeededRandom random(1);
    base::Micros sum = 0;
    std::int64_t attempts = 1;
    while (const auto wait = deliver::retryWait(attempts, random)) {
        sum += *wait;
        ++attempts;
    }
    CHECK(attempts == 9);
    CHECK(sum > 27 * base::kHour);
    CHECK(sum < 31 * base::kHour);
}
