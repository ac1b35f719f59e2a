#include "app/source_watch.h"

#include "support/manual_clock.h"
#include "support/test_kv.h"

#include <catch2/catch.hpp>

using namespace hearback;
using base::kDay;
using base::kHour;
using base::kMinute;
using base::Micros;
using intake::SourceCondition;

namespace {

// A source that brings something every ten minutes, looked at every five.
class WatchBench {
  public:
    WatchBench() {
        shop.source = "shop";
        shop.condition = SourceCondition::Waiting;
    }
    void live(Micros duration, bool brings) {
        for (const Micros end = clock.now() + duration; clock.now() < end;) {
            clock.advance(5 * kMinute);
            if (brings && clock.now() / kMinute % 10 == 0) {
                shop.last_message_at = clock.now();
                shop.newest_at = clock.now() - kHour;
            }
            watch->look({shop});
        }
    }
    http::SourceHealth told() const {
        http::SourceHealth health;
        health.run = shop;
        watch->tellOf(health);
        return health;
    }
    void restart() {
        watch.reset();
        store.reopen();
        watch = std::make_unique<app::SourceWatch>(clock, *store.kv);
        shop.last_message_at = 0;
        shop.newest_at = 0;
    }

    testing::ManualClock clock;
    testing::TestKv store;
    intake::SourceState shop;
    std::unique_ptr<app::SourceWatch> watch = std::make_unique<app::SourceWatch>(clock, *store.kv);
};

} // namespace

TEST_CASE("a source that works and brings nothing is told as silent", "[watch]") {
    WatchBench bench;
    bench.live(30 * kDay, true);
    CHECK_FALSE(bench.told().is_silent);
    bench.live(3 * kHour, false);
    CHECK(bench.told().is_silent);
    CHECK(bench.told().silence >= 2 * kHour);
    bench.live(10 * kMinute, true);
    CHECK_FALSE(bench.told().is_silent);
}

TEST_CASE("one that does not work is not told as silent", "[watch]") {
    WatchBench bench;
    bench.live(30 * kDay, true);
    bench.shop.problem = "refused";
    bench.live(3 * kHour, false);
    CHECK_FALSE(bench.told().is_silent);
}

TEST_CASE("what was learned of a source and its last message outlive the process", "[watch]") {
    WatchBench bench;
    bench.live(30 * kDay, true);
    const Micros last = bench.shop.last_message_at;
    const Micros newest = bench.shop.newest_at;
    // It was written down without being asked to.
    bench.live(15 * kMinute, false);
    bench.restart();
    bench.clock.advance(2 * kDay);
    bench.live(5 * kMinute, false);
    CHECK(bench.told().run.last_message_at == last);
    CHECK(bench.told().run.newest_at == newest);
    CHECK_FALSE(bench.told().is_silent);
    bench.live(3 * kHour, false);
    CHECK(bench.told().is_silent);
}

TEST_CASE("what cannot be read of a source is learned anew", "[watch]") {
    WatchBench bench;
    REQUIRE(bench.store.kv->set(runtime::KvStore::kRhythms, "shop", "12 nonsense"));
    bench.live(kDay, true);
    CHECK_FALSE(bench.told().is_silent);
}
