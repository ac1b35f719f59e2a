#include "intake/source_runner.h"
#include "support/fake_entrance.h"
#include "support/fake_source.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <thread>

using namespace hearback;
using hearback::testing::FakeEntrance;
using hearback::testing::FakeSource;
using intake::SourceCondition;
using pipeline::Verdict;

namespace {

using Checkpoint = std::optional<std::string>;

// A runner with a source, an entrance and a clock of the test's.
class RunnerFixture {
  public:
    ~RunnerFixture() {
        if (runner) CHECK(runner->stop(base::kMinute));
    }

    void start() {
        runner = std::make_unique<intake::SourceRunner>(
            source,
            intake::RunnerServices{entrance, clock, random, metrics, [this] { return begun(); }},
            100);
        runner->start();
    }
    // Waits until it is so, while time passes in small steps.
    template <class Condition>
    bool asTimePasses(Condition&& condition) {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (std::chrono::steady_clock::now() < patience) {
            if (source.seen.look(condition)) return true;
            clock.advance(100 * base::kMillisecond);
            std::this_thread::yield();
        }
        return false;
    }
    bool ends() {
        const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
        while (std::chrono::steady_clock::now() < patience) {
            if (runner->waitForEnd(0)) return true;
            clock.advance(100 * base::kMillisecond);
            std::this_thread::yield();
        }
        return false;
    }
    bool acknowledged(std::size_t count) {
        return source.seen.comesTrue([&] { return source.acks.size() >= count; });
    }
    bool started(std::size_t count) {
        return asTimePasses([&] { return source.starts.size() >= count; });
    }
    bool polled(std::size_t count) {
        return asTimePasses([&] { return source.polled.size() >= count; });
    }
    void pollsBatch(const std::string& id, const std::string& checkpoint = "") {
        source.polls(FakeSource::answer(Verdict::Ok, FakeSource::batch({id}, checkpoint)));
    }

    testing::ManualClock clock;
    base::SeededRandom random{1};
    base::Metrics metrics;
    FakeSource source{clock};
    FakeEntrance entrance;
    // What the store has, one for each time that it is asked; the last one stays.
    std::deque<base::Result<Checkpoint>> checkpoints = {Checkpoint()};
    std::unique_ptr<intake::SourceRunner> runner;

  private:
    base::Result<intake::Beginning> begun() {
        auto checkpoint = checkpoints.front();
        if (checkpoints.size() > 1) checkpoints.pop_front();
        if (!checkpoint) return checkpoint.error();
        return intake::Beginning{*checkpoint, ++begun_};
    }
    std::int64_t begun_ = 0;
};

using Acks = std::vector<std::pair<std::uint64_t, bool>>;

const base::Error kNotStored{base::Code::Cancelled, "dropped"};

} // namespace

TEST_CASE("a source starts where what is stored ends", "[intake]") {
    RunnerFixture fixture;
    fixture.checkpoints = {Checkpoint("row 7")};
    fixture.pollsBatch("a", "row 8");
    fixture.start();
    REQUIRE(fixture.entrance.got(1));
    CHECK(fixture.source.seen.look([&] { return fixture.source.starts.at(0).checkpoint; }) ==
          "row 7");
    const pipeline::Batch& batch = fixture.entrance.batches.at(0);
    CHECK(batch.source == "shop");
    CHECK(batch.plugin == "fake");
    CHECK(batch.checkpoint == "row 8");
    CHECK(batch.items.at(0).message.external_id() == "a");
}

TEST_CASE("a first start has no checkpoint and polls get their limits", "[intake]") {
    RunnerFixture fixture;
    fixture.start();
    REQUIRE(fixture.polled(1));
    const auto start = fixture.source.seen.look([&] { return fixture.source.starts.at(0); });
    CHECK_FALSE(start.checkpoint);
    const auto limits =
        fixture.source.seen.look([&] { return fixture.source.polled.at(0).limits; });
    CHECK(limits.batch_id == 1);
    CHECK(limits.max_items == 100);
    CHECK(limits.max_bytes > 0);
    CHECK(limits.timeout_ms > 0);
}

TEST_CASE("a batch is acknowledged when it is stored and not before", "[intake]") {
    RunnerFixture fixture;
    fixture.pollsBatch("a");
    fixture.start();
    REQUIRE(fixture.entrance.got(1));
    CHECK(fixture.source.seen.look([&] { return fixture.source.acks.empty(); }));
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    REQUIRE(fixture.acknowledged(1));
    CHECK(fixture.source.acks == Acks{{1, true}});
}

TEST_CASE("batches are acknowledged in their order though stored in another", "[intake]") {
    RunnerFixture fixture;
    fixture.source.max_inflight = 3;
    for (const char* id : {"a", "b", "c"}) fixture.pollsBatch(id);
    fixture.start();
    REQUIRE(fixture.entrance.got(3));
    for (const std::size_t index : {2U, 1U}) {
        fixture.entrance.finish(index, FakeEntrance::inserted(1));
        CHECK(fixture.source.seen.look([&] { return fixture.source.acks.empty(); }));
    }
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    REQUIRE(fixture.acknowledged(3));
    CHECK(fixture.source.acks == Acks{{1, true}, {2, true}, {3, true}});
}

TEST_CASE("no more batches are under way than the source can bear", "[intake]") {
    for (const std::size_t bears : {1U, 2U, 5U}) {
        RunnerFixture fixture;
        fixture.source.max_inflight = bears;
        for (int i = 0; i < 12; ++i) fixture.pollsBatch(std::to_string(i));
        fixture.start();
        for (std::size_t i = 0; i < 12; ++i) {
            REQUIRE(fixture.entrance.got(std::min<std::size_t>(12, i + bears)));
            fixture.entrance.finish(i, FakeEntrance::inserted(1));
        }
        REQUIRE(fixture.acknowledged(12));
        CHECK(fixture.source.most_unacknowledged == static_cast<int>(bears) - 1);
    }
}

TEST_CASE("a batch that was not stored makes the source begin again", "[intake]") {
    RunnerFixture fixture;
    fixture.source.max_inflight = 2;
    fixture.checkpoints = {Checkpoint(), Checkpoint("row 1")};
    fixture.pollsBatch("a");
    fixture.pollsBatch("b");
    fixture.start();
    REQUIRE(fixture.entrance.got(2));
    fixture.pollsBatch("b again");
    fixture.entrance.finish(0, kNotStored);
    // What else is under way may have been stored: the checkpoint is read when all of it is told.
    fixture.entrance.finish(1, FakeEntrance::inserted(1));
    REQUIRE(fixture.started(2));
    CHECK(fixture.source.acks == Acks{{1, false}, {2, true}});
    CHECK(fixture.source.starts[1].checkpoint == "row 1");
    CHECK(fixture.source.stops == 1);
    REQUIRE(fixture.entrance.got(3));
    CHECK(fixture.entrance.batches[2].items[0].message.external_id() == "b again");
    fixture.entrance.finish(2, FakeEntrance::inserted(1));
    REQUIRE(fixture.acknowledged(3));
    const auto acks = fixture.source.seen.look([&] { return fixture.source.acks; });
    CHECK(acks[2] == std::pair<std::uint64_t, bool>(3, true));
}

TEST_CASE("a full pipeline is waited for and nothing is lost or doubled", "[intake]") {
    RunnerFixture fixture;
    fixture.entrance.refusals = 5;
    fixture.entrance.result = FakeEntrance::inserted(1);
    fixture.pollsBatch("a");
    fixture.pollsBatch("b");
    fixture.start();
    REQUIRE(fixture.acknowledged(2));
    CHECK(fixture.entrance.seen.look([&] { return fixture.entrance.pushes; }) == 7);
    CHECK(fixture.entrance.batches.size() == 2);
    CHECK(fixture.source.starts.size() == 1);
}

TEST_CASE("a source that ends is finished when its last batch is stored", "[intake]") {
    RunnerFixture fixture;
    fixture.source.max_inflight = 2;
    fixture.pollsBatch("a");
    fixture.source.polls(FakeSource::answer(Verdict::End, FakeSource::batch({"b"}, "end")));
    fixture.start();
    REQUIRE(fixture.entrance.got(2));
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    REQUIRE(fixture.acknowledged(1));
    CHECK_FALSE(fixture.runner->waitForEnd(0));
    CHECK(fixture.runner->state().condition != SourceCondition::Finished);
    fixture.entrance.finish(1, FakeEntrance::inserted(1));
    REQUIRE(fixture.ends());
    CHECK(fixture.runner->state().condition == SourceCondition::Finished);
    CHECK(fixture.source.acks.size() == 2);
    CHECK(fixture.source.polled.size() == 2);
    CHECK(fixture.source.stops == 1);
}

TEST_CASE("a source whose last batch was not stored is not finished", "[intake]") {
    RunnerFixture fixture;
    fixture.source.polls(FakeSource::answer(Verdict::End, FakeSource::batch({"a"})));
    fixture.start();
    REQUIRE(fixture.entrance.got(1));
    fixture.source.polls(FakeSource::answer(Verdict::End, FakeSource::batch({"a"})));
    fixture.entrance.finish(0, kNotStored);
    REQUIRE(fixture.started(2));
    REQUIRE(fixture.entrance.got(2));
    fixture.entrance.finish(1, FakeEntrance::inserted(1));
    REQUIRE(fixture.ends());
    CHECK(fixture.runner->state().condition == SourceCondition::Finished);
}

TEST_CASE("what only people can mend stops the source and says so", "[intake]") {
    for (const Verdict verdict : {Verdict::Auth, Verdict::Config, Verdict::Unsupported}) {
        for (const bool at_start : {true, false}) {
            RunnerFixture fixture;
            const auto refused = FakeSource::answer(verdict, "", "/token was refused");
            if (at_start)
                fixture.source.start_script.push_back(refused);
            else
                fixture.source.polls(refused);
            fixture.start();
            REQUIRE(fixture.ends());
            CHECK(fixture.runner->state().condition == SourceCondition::Failed);
            CHECK(fixture.runner->state().problem == "/token was refused");
            CHECK(fixture.source.starts.size() == 1);
            CHECK(fixture.source.polled.size() == (at_start ? 0 : 1));
        }
    }
}

TEST_CASE("a checkpoint of another plugin stops the source", "[intake]") {
    RunnerFixture fixture;
    fixture.checkpoints = {base::Error{base::Code::Conflict, "the checkpoint is of plugin feed"}};
    fixture.start();
    REQUIRE(fixture.ends());
    CHECK(fixture.runner->state().condition == SourceCondition::Failed);
    CHECK(fixture.runner->state().problem == "the checkpoint is of plugin feed");
    CHECK(fixture.source.starts.empty());
}

TEST_CASE("a store that cannot be read is asked again", "[intake]") {
    RunnerFixture fixture;
    fixture.checkpoints = {base::Error{base::Code::Busy, "locked"},
                           base::Error{base::Code::Busy, "locked"}, Checkpoint("row 7")};
    fixture.start();
    REQUIRE(fixture.started(1));
    CHECK(fixture.source.seen.look([&] { return fixture.source.starts.at(0).checkpoint; }) ==
          "row 7");
}

TEST_CASE("a source that is told to wait is not polled before", "[intake]") {
    RunnerFixture fixture;
    pipeline::Answer limited = FakeSource::answer(Verdict::RateLimited, "", "too many requests");
    limited.retry_after = 30 * base::kSecond;
    fixture.source.polls(limited);
    fixture.start();
    REQUIRE(fixture.polled(2));
    const auto polled = fixture.source.seen.look([&] { return fixture.source.polled; });
    CHECK(polled[1].at - polled[0].at >= 30 * base::kSecond);
    CHECK(fixture.source.seen.look([&] { return fixture.source.starts.size(); }) == 1);
}

TEST_CASE("until when a source rests is told, and not after it", "[intake]") {
    RunnerFixture fixture;
    pipeline::Answer limited = FakeSource::answer(Verdict::RateLimited, "", "too many requests");
    limited.retry_after = base::kHour;
    fixture.source.polls(limited);
    const base::Micros begun = fixture.clock.now();
    fixture.start();
    REQUIRE(fixture.asTimePasses([&] { return fixture.runner->state().rests_until > 0; }));
    CHECK(fixture.runner->state().rests_until >= begun + base::kHour);
    fixture.clock.advance(base::kHour);
    CHECK(fixture.asTimePasses([&] { return fixture.runner->state().rests_until == 0; }));
}

TEST_CASE("when the newest message was written is told once it is stored", "[intake]") {
    RunnerFixture fixture;
    BatchOut out;
    out.add().externalId("new").text("new").occurredAt(1772452700 * base::kSecond);
    out.add().externalId("old").text("old").occurredAt(1772400000 * base::kSecond);
    fixture.source.polls(FakeSource::answer(Verdict::Ok, out.bytes()));
    fixture.start();
    REQUIRE(fixture.entrance.got(1));
    CHECK(fixture.runner->state().newest_at == 0);
    fixture.entrance.finish(0, FakeEntrance::inserted(2));
    REQUIRE(fixture.acknowledged(1));
    CHECK(fixture.asTimePasses(
        [&] { return fixture.runner->state().newest_at == 1772452700 * base::kSecond; }));
}

TEST_CASE("a wait is a minute where the service does not say how long", "[intake]") {
    RunnerFixture fixture;
    fixture.source.polls(FakeSource::answer(Verdict::RateLimited));
    fixture.start();
    REQUIRE(fixture.polled(2));
    const auto polled = fixture.source.seen.look([&] { return fixture.source.polled; });
    CHECK(polled[1].at - polled[0].at >= base::kMinute);
}

TEST_CASE("batches are acknowledged while the source rests", "[intake]") {
    RunnerFixture fixture;
    fixture.source.max_inflight = 2;
    fixture.pollsBatch("a");
    pipeline::Answer limited = FakeSource::answer(Verdict::RateLimited);
    limited.retry_after = base::kHour;
    fixture.source.polls(limited);
    fixture.start();
    REQUIRE(fixture.source.seen.comesTrue([&] { return fixture.source.polled.size() == 2; }));
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    REQUIRE(fixture.acknowledged(1));
    CHECK(fixture.source.polled.size() == 2);
}

TEST_CASE("a source is polled again when it likes and not before", "[intake]") {
    RunnerFixture fixture;
    BatchOut later;
    later.pollAgainIn(300000);
    fixture.source.polls(FakeSource::answer(Verdict::Ok, later.bytes()));
    fixture.entrance.result = FakeEntrance::inserted(0);
    fixture.start();
    REQUIRE(fixture.polled(2));
    const auto polled = fixture.source.seen.look([&] { return fixture.source.polled; });
    CHECK(polled[1].at - polled[0].at >= 5 * base::kMinute);
}

TEST_CASE("a source that has more is polled at once", "[intake]") {
    RunnerFixture fixture;
    fixture.entrance.result = FakeEntrance::inserted(1);
    for (int i = 0; i < 5; ++i) {
        BatchOut more;
        more.add().externalId(std::to_string(i)).text("text");
        more.pollAgainIn(300000);
        more.hasMore(true);
        fixture.source.polls(FakeSource::answer(Verdict::Ok, more.bytes()));
    }
    fixture.start();
    REQUIRE(fixture.acknowledged(5));
    CHECK(fixture.source.polled.at(4).at == fixture.source.polled.at(0).at);
}

TEST_CASE("a source that brings nothing is given a rest whatever it says", "[intake]") {
    for (const Verdict verdict : {Verdict::Ok, Verdict::Again}) {
        RunnerFixture fixture;
        for (int i = 0; i < 5; ++i) fixture.source.polls(FakeSource::answer(verdict));
        fixture.start();
        REQUIRE(fixture.polled(3));
        const auto polled = fixture.source.seen.look([&] { return fixture.source.polled; });
        CHECK(polled[1].at - polled[0].at >= base::kSecond);
        CHECK(polled[2].at - polled[1].at >= base::kSecond);
    }
}

TEST_CASE("a source that wakes the host is polled without a wait", "[intake]") {
    RunnerFixture fixture;
    fixture.source.polls(FakeSource::answer(Verdict::Again));
    fixture.pollsBatch("a");
    fixture.start();
    REQUIRE(fixture.source.seen.comesTrue([&] { return fixture.source.polled.size() == 1; }));
    fixture.source.wake();
    REQUIRE(fixture.entrance.got(1));
    CHECK(fixture.clock.steady() == 0);
}

TEST_CASE("a source that fails is started again after waits that grow", "[intake]") {
    RunnerFixture fixture;
    for (int i = 0; i < 4; ++i)
        fixture.source.start_script.push_back(
            FakeSource::answer(Verdict::Unavailable, "", "no answer from the shop"));
    fixture.start();
    REQUIRE(fixture.started(2));
    CHECK(fixture.runner->state().problem == "no answer from the shop");
    REQUIRE(fixture.polled(1));
    const auto starts = fixture.source.seen.look([&] { return fixture.source.starts; });
    REQUIRE(starts.size() == 5);
    // How much longer it took is the doing of the test, which lets time pass meanwhile.
    for (std::size_t i = 1; i < starts.size(); ++i) {
        const base::Micros wait = starts[i].at - starts[i - 1].at;
        const base::Micros full = base::kSecond << (i - 1);
        CHECK(wait >= full / 2);
    }
    CHECK(fixture.source.seen.look([&] { return fixture.source.stops; }) == 4);
}

TEST_CASE("a source that writes no batch begins again from its checkpoint", "[intake]") {
    RunnerFixture fixture;
    fixture.source.polls(FakeSource::answer(Verdict::Ok, "garbage"));
    fixture.start();
    REQUIRE(fixture.started(2));
    CHECK(fixture.entrance.batches.empty());
    CHECK(fixture.source.seen.look([&] { return fixture.source.acks.empty(); }));
}

TEST_CASE("what was stored adds up and the progress is that of the last batch", "[intake]") {
    RunnerFixture fixture;
    for (const std::int64_t done : {50, 80}) {
        BatchOut batch;
        batch.add().externalId(std::to_string(done)).text("text");
        batch.progress(done, 100);
        fixture.source.polls(FakeSource::answer(Verdict::Ok, batch.bytes()));
    }
    pipeline::Stored stored;
    stored.inserted = 1;
    stored.revised = 2;
    stored.deleted = 3;
    stored.duplicates = 4;
    stored.dead_letters = 5;
    fixture.entrance.result = stored;
    fixture.start();
    REQUIRE(fixture.acknowledged(2));
    fixture.source.polls(FakeSource::answer(Verdict::End));
    REQUIRE(fixture.ends());
    const auto state = fixture.runner->state();
    CHECK(state.source == "shop");
    CHECK(state.plugin == "fake");
    CHECK(state.problem.empty());
    CHECK(state.stored.inserted == 2);
    CHECK(state.stored.revised == 4);
    CHECK(state.stored.deleted == 6);
    CHECK(state.stored.duplicates == 8);
    CHECK(state.stored.dead_letters == 10);
    CHECK(state.progress_done == 80);
    CHECK(state.progress_total == 100);
    CHECK(state.last_message_at > 0);
    CHECK(fixture.metrics.text().find("hearback_source_messages_total{source=\"shop\"} 2\n") !=
          std::string::npos);
}

TEST_CASE("a channel that only receives is started and not polled", "[intake]") {
    RunnerFixture fixture;
    fixture.source.is_polled = false;
    fixture.start();
    REQUIRE(fixture.started(1));
    CHECK(fixture.runner->stop(base::kMinute));
    CHECK(fixture.source.polled.empty());
    CHECK(fixture.source.stops == 1);
    CHECK(fixture.runner->state().condition == SourceCondition::Stopped);
}

TEST_CASE("a stop returns though the source is in the middle of a poll", "[intake]") {
    RunnerFixture fixture;
    fixture.source.polls([&] {
        fixture.source.seen.comesTrue([&] { return fixture.source.cancels > 0; });
        return FakeSource::answer(Verdict::Cancelled);
    });
    fixture.start();
    REQUIRE(fixture.polled(1));
    CHECK(fixture.runner->stop(base::kMinute));
    CHECK(fixture.source.stops == 1);
    CHECK(fixture.source.starts.size() == 1);
    CHECK(fixture.runner->state().condition == SourceCondition::Stopped);
}

TEST_CASE("a stop returns though the pipeline is full or stores nothing", "[intake]") {
    RunnerFixture full;
    full.entrance.refusals = 1000000000;
    full.pollsBatch("a");
    full.start();
    REQUIRE(full.entrance.seen.comesTrue([&] { return full.entrance.pushes > 2; }));
    CHECK(full.runner->stop(base::kMinute));

    RunnerFixture slow;
    slow.source.polls(FakeSource::answer(Verdict::End, FakeSource::batch({"a"})));
    slow.start();
    REQUIRE(slow.entrance.got(1));
    CHECK(slow.runner->stop(base::kMinute));
    CHECK(slow.runner->state().condition == SourceCondition::Stopped);
}

TEST_CASE("a result that comes when the runner is gone harms nobody", "[intake]") {
    RunnerFixture fixture;
    fixture.pollsBatch("a");
    fixture.start();
    REQUIRE(fixture.entrance.got(1));
    fixture.runner.reset();
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    CHECK(fixture.source.acks.empty());
}

TEST_CASE("a plugin that does not return is left behind", "[intake]") {
    RunnerFixture fixture;
    std::atomic<bool> released = false;
    fixture.source.polls([&] {
        fixture.source.seen.comesTrue([&] { return released.load(); });
        return FakeSource::answer(Verdict::Again);
    });
    fixture.start();
    REQUIRE(fixture.polled(1));
    CHECK_FALSE(fixture.runner->stop(0));
    fixture.source.seen.note([&] { released = true; });
    REQUIRE(fixture.ends());
    // As the header asks for: its thread may still be on its last lines.
    static std::vector<std::unique_ptr<intake::SourceRunner>> left_behind;
    left_behind.push_back(std::move(fixture.runner));
}

TEST_CASE("a restart that is asked for begins again at once, from what was stored", "[intake]") {
    RunnerFixture fixture;
    fixture.source.max_inflight = 4;
    fixture.pollsBatch("a");
    fixture.start();
    REQUIRE(fixture.entrance.got(1));
    // Idle now, with a batch under way: it is stored before the next beginning.
    fixture.runner->restart();
    CHECK(fixture.source.starts.size() == 1);
    fixture.entrance.finish(0, FakeEntrance::inserted(1));
    REQUIRE(fixture.source.seen.comesTrue([&] { return fixture.source.starts.size() == 2; }));
    CHECK(fixture.source.acks.size() == 1);
    CHECK(fixture.source.stops == 1);
    CHECK(fixture.source.starts[1].at == fixture.source.starts[0].at);
}

TEST_CASE("a restart tries a source again that was given up", "[intake]") {
    RunnerFixture fixture;
    fixture.source.start_script.push_back(FakeSource::answer(Verdict::Config, "", "wrong"));
    fixture.start();
    REQUIRE(fixture.ends());
    CHECK(fixture.runner->state().condition == SourceCondition::Failed);
    fixture.runner->restart();
    REQUIRE(fixture.polled(1));
    CHECK(fixture.source.starts.size() == 2);
}
