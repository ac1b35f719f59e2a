#include "enrich/reannotate.h"
#include "support/fake_entrance.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::FakeEntrance;
using hearback::testing::ManualClock;

namespace {

class FakePendingStore final : public pipeline::PendingStore {
  public:
    base::Result<std::vector<pipeline::PendingMessage>> due(std::size_t) override {
        int count = 0;
        looks.note([&] {
            ++looked;
            count = std::exchange(messages, 0);
        });
        if (broken) return base::Error{base::Code::Busy, "locked"};
        std::vector<pipeline::PendingMessage> due(static_cast<std::size_t>(count));
        for (pipeline::PendingMessage& each : due) {
            each.item.errand = pipeline::Errand::Reannotation;
            each.item.message.set_source("shop");
            each.item.message.set_text("text");
            each.item.annotations.add_pending("mood");
        }
        return due;
    }

    testing::Eventually looks;
    int looked = 0;
    int messages = 0; // that are due at the next look
    bool broken = false;
};

struct ReannotateFixture {
    ManualClock clock;
    FakePendingStore store;
    FakeEntrance entrance;
    enrich::Reannotator reannotator{store, entrance, clock};
};

} // namespace

TEST_CASE("what is due goes through the pipeline again in small batches", "[enrich]") {
    ReannotateFixture fixture;
    fixture.entrance.result = FakeEntrance::inserted(0);
    fixture.store.messages = 40;
    const auto sent = fixture.reannotator.step();
    REQUIRE(sent);
    CHECK(*sent == 40);
    REQUIRE(fixture.entrance.batches.size() == 3);
    CHECK(fixture.entrance.batches[0].items.size() == 16);
    CHECK(fixture.entrance.batches[2].items.size() == 8);
    CHECK(fixture.entrance.batches[0].source == "shop");
    CHECK(fixture.entrance.batches[0].bytes > 0);
    const pipeline::Item& item = fixture.entrance.batches[0].items[0];
    CHECK(item.errand == pipeline::Errand::Reannotation);
    CHECK(item.annotations.pending(0) == "mood");
    CHECK_FALSE(fixture.entrance.batches[0].checkpoint);
    CHECK(*fixture.reannotator.step() == 0);
}

TEST_CASE("a store or a pipeline that does not take part is told of", "[enrich]") {
    ReannotateFixture fixture;
    fixture.store.broken = true;
    CHECK(fixture.reannotator.step().error().message == "locked");
    fixture.store.broken = false;
    fixture.store.messages = 1;
    fixture.entrance.refusals = 1;
    CHECK(fixture.reannotator.step().error().code == base::Code::Full);
}

TEST_CASE("the store is not asked again before the last ones are through", "[enrich]") {
    ReannotateFixture fixture;
    fixture.store.messages = 1;
    fixture.reannotator.start();
    REQUIRE(fixture.entrance.got(1));
    CHECK(fixture.store.looks.look([&] { return fixture.store.looked; }) == 1);
    fixture.entrance.finish(0, base::Error{base::Code::Cancelled, "dropped"});
    // Found something: looks again at once.
    REQUIRE(fixture.store.looks.comesTrue([&] { return fixture.store.looked == 2; }));
    CHECK(fixture.clock.steady() == 0);
    fixture.reannotator.stop();
}

TEST_CASE("where nothing is due the store is asked now and then", "[enrich]") {
    ReannotateFixture fixture;
    fixture.reannotator.start();
    REQUIRE(fixture.store.looks.comesTrue([&] { return fixture.store.looked == 1; }));
    int looked = 1;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (looked < 4 && std::chrono::steady_clock::now() < patience) {
        fixture.clock.advance(base::kSecond);
        std::this_thread::yield();
        looked = fixture.store.looks.look([&] { return fixture.store.looked; });
    }
    CHECK(looked == 4);
    CHECK(fixture.clock.steady() >= 15 * base::kSecond);
    fixture.reannotator.stop();
}
