// The outbox of a real database, a deliverer, and an endpoint that answers as it is told.
#pragma once

#include "deliver/deliverer.h"
#include "deliver/sink_carrier.h"
#include "support/test_store.h"

#include <catch2/catch.hpp>

namespace hearback::testing {

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
    bool mayRepeat() const override { return repeatable; }
    void cancel() override {}

    bool repeatable = true;
    pipeline::Answer answer;
    pipeline::Answer start_answer;
    int starts = 0;
    std::vector<v1::Delivery> seen;

  private:
    std::string name_ = "crm";
};

inline const deliver::Endpoint kCrm{storage::Term::Sink, "crm"};

struct DeliverFixture {
    TestStore store;
    FakeSink sink;
    deliver::Deliverer deliverer;

    explicit DeliverFixture(const deliver::DelivererOptions& options = {})
        : deliverer(services(), carrier(), options) {}

    deliver::DelivererServices services() {
        const auto keep = [this](storage::Transaction& tx, const pipeline::DeadLetter& letter) {
            store.dead_letter_ledger.keep(tx, letter);
        };
        return {*store.outbox, store.clock, store.random, keep};
    }
    std::unique_ptr<deliver::Carrier> carrier() {
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
        return std::make_unique<deliver::SinkCarrier>(sink, load, "test");
    }
    base::Result<std::int64_t> retry(std::int64_t id) {
        deliver::DeliveryFilter filter;
        filter.ids = {id};
        return store.outbox->retry(filter);
    }
    // Until nothing is due.
    void deliverAll() {
        while (deliverer.step()) {
        }
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

inline pipeline::Answer failing(pipeline::Verdict verdict, base::Micros retry_after = 0) {
    pipeline::Answer answer;
    answer.verdict = verdict;
    answer.text = "the endpoint is down";
    answer.retry_after = retry_after;
    return answer;
}

} // namespace hearback::testing
