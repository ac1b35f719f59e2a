#include "deliver/deliver_lock.h"
#include "deliver/deliverer.h"
#include "deliver/retry_schedule.h"
#include "support/test_store.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestStore;

namespace {

// Answers as it is told and remembers what it was given.
class FakeSink final : public pipeline::Sink {
  public:
    const std::string& name() const override { return name_; }
    pipeline::Answer start() override {
        ++starts;
        return start_answer;
    }
    pipeline::Answer write(std::uint64_t, std::string_view bytes) override {
        v1::DeliveryBatch batch;
        REQUIRE(batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())));
        for (const v1::Delivery& delivery : batch.deliveries()) seen.push_back(delivery);
        return answer;
    }
    void cancel() override {}

    pipeline::Answer answer;
    pipeline::Answer start_answer;
    int starts = 0;
    std::vector<v1::Delivery> seen;

  private:
    std::string name_ = "crm";
};

struct Fixture {
    TestStore store;
    FakeSink sink;
    deliver::Deliverer deliverer{services(), sink, 100};

    deliver::DelivererServices services() {
        const auto load =
            [this](std::int64_t id,
                   std::int64_t revision) -> base::Result<std::optional<v1::Delivery>> {
            const auto stored = store.queries->findRevision(id, revision);
            if (!stored) return stored.error();
            if (!*stored) return std::optional<v1::Delivery>();
            v1::Delivery delivery;
            delivery.set_message_id(id);
            *delivery.mutable_message() = (*stored)->message;
            return std::optional(delivery);
        };
        const auto keep = [this](storage::Transaction& tx, const pipeline::DeadLetter& letter) {
            store.dead_letter_ledger.keep(tx, letter);
        };
        return {*store.outbox, store.clock, store.random, load, keep, "test"};
    }
    void store_(std::vector<v1::FeedbackMessage> messages, bool routed = true) {
        auto batch = TestStore::batchOf(std::move(messages));
        for (pipeline::Item& item : batch.items)
            if (routed) item.route.add_sinks("crm");
        store.store(std::move(batch));
    }
    deliver::OutboxRow row(std::int64_t message) {
        const auto rows = store.outbox->ofMessage(message);
        REQUIRE(rows);
        REQUIRE_FALSE(rows->empty());
        return rows->back();
    }
};

pipeline::Answer failing(pipeline::Verdict verdict, base::Micros retry_after = 0) {
    pipeline::Answer answer;
    answer.verdict = verdict;
    answer.text = "the endpoint is down";
    answer.retry_after = retry_after;
    return answer;
}

} // namespace

TEST_CASE("a routed message is delivered once with its text", "[deliver]") {
    Fixture f;
    f.store_({TestStore::message("a", "hello"), TestStore::message("b", "world")});
    CHECK(f.deliverer.step());
    CHECK_FALSE(f.deliverer.step());
    REQUIRE(f.sink.seen.size() == 2);
    CHECK(f.sink.seen[0].message().text() == "hello");
    CHECK(f.sink.seen[0].idempotency_key() != f.sink.seen[1].idempotency_key());
    CHECK(f.row(1).state == deliver::DeliveryState::Delivered);
}

TEST_CASE("a message that no rule gives to a sink stays in the house", "[deliver]") {
    Fixture f;
    f.store_({TestStore::message("a", "private")}, false);
    CHECK_FALSE(f.deliverer.step());
}

TEST_CASE("a failed delivery is tried again with the same key and later each time", "[deliver]") {
    Fixture f;
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
    Fixture f;
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
    REQUIRE(f.store.outbox->retry(f.row(1).id));
    CHECK(f.deliverer.step());
    CHECK(f.row(1).state == deliver::DeliveryState::Delivered);
}

TEST_CASE("a sink that asks for a pause is left alone for so long", "[deliver]") {
    Fixture f;
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
    Fixture f;
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
    Fixture f;
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
    Fixture before;
    before.store_({TestStore::message("a", "hello")});
    before.deliverer.step();
    Fixture after; // the row has the same number and the installation the same name
    after.store.clock.advance(base::kMinute);
    after.store_({TestStore::message("b", "another")});
    after.deliverer.step();
    REQUIRE(before.row(1).id == after.row(1).id);
    CHECK(before.sink.seen[0].idempotency_key() != after.sink.seen[0].idempotency_key());
}

TEST_CASE("only what was given up can be sent once more", "[deliver]") {
    Fixture f;
    f.store_({TestStore::message("a", "hello")});
    const auto waiting = f.store.outbox->retry(f.row(1).id);
    REQUIRE_FALSE(waiting);
    CHECK(waiting.error().code == base::Code::Conflict);
    f.deliverer.step();
    CHECK_FALSE(f.store.outbox->retry(f.row(1).id));
}

TEST_CASE("results are taken for each delivery and nonsense is passed over", "[deliver]") {
    Fixture f;
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
    Fixture f;
    f.sink.answer = failing(pipeline::Verdict::Cancelled);
    f.store_({TestStore::message("a", "hello")});
    CHECK(f.deliverer.step());
    CHECK(f.row(1).attempts == 0);
    CHECK(f.row(1).state == deliver::DeliveryState::Waiting);
}

TEST_CASE("what another process has claimed is left to it until its lease ends", "[deliver]") {
    Fixture f;
    f.store_({TestStore::message("a", "hello")});
    REQUIRE(f.store.outbox->claim("crm", 10, base::kMinute)->size() == 1);
    CHECK(f.store.outbox->claim("crm", 10, base::kMinute)->empty());
    CHECK(f.deliverer.untilNext() > 0);
    f.store.clock.advance(2 * base::kMinute);
    CHECK(f.store.outbox->claim("crm", 10, base::kMinute)->size() == 1);
}

TEST_CASE("a sink that was told of a message is told of its edit and its deletion", "[deliver]") {
    Fixture f;
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
    CHECK(f.deliverer.step());
    REQUIRE(f.sink.seen.size() == 3);
    CHECK(f.sink.seen[1].message().text() == "edited");
    CHECK(f.sink.seen[2].message().deleted_at_us() == 5);
}

TEST_CASE("an edit that was overtaken is delivered as it was", "[deliver]") {
    Fixture f;
    auto message = TestStore::message("a", "first");
    message.set_revision(1);
    f.store_({message});
    message.set_revision(2);
    message.set_text("second");
    f.store_({message});
    f.deliverer.step();
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

TEST_CASE("one process delivers at a time", "[deliver]") {
    hearback::testing::TempFolder folder;
    deliver::DeliverLock first(folder / "lock");
    CHECK(first.tryTake());
    {
        deliver::DeliverLock second(folder / "lock");
        CHECK_FALSE(second.tryTake());
    }
    CHECK(first.tryTake());
}
