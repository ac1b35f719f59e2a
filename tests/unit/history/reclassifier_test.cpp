#include "history/reclassifier.h"
#include "history/reclassify_run.h"

#include "enrich/enrich.h"
#include "support/fake_classifier.h"
#include "support/invariants.h"
#include "support/test_store.h"

#include <atomic>
#include <optional>
#include <thread>

using namespace hearback;
using hearback::testing::FakeClassifier;
using hearback::testing::TestStore;

namespace {

// Says the version that is told beforehand; which label, the text says: "bad 7" is "bad".
FakeClassifier::Say byFirstWord(const std::string& version, const std::string& instead_of = "",
                                const std::string& now = "") {
    return [=](const v1::ClassifyRequest& request) {
        v1::ClassifyResponse response;
        for (int i = 0; i < request.messages_size(); ++i) {
            const std::string& text = request.messages(i).text();
            const std::string word = text.substr(0, text.find(' '));
            FakeClassifier::add(response, i, word == instead_of ? now : word);
            response.mutable_messages(i)->mutable_annotations(0)->set_model_version(version);
        }
        return FakeClassifier::answer(response);
    };
}

// A store with messages that "mood" has labelled as version 1, and version 2 of it.
class Bench {
  public:
    Bench() : mood("mood", "sentiment", {}) {
        mood.say = byFirstWord("mood/2", "good", "great");
        ask = std::make_unique<enrich::Enrich>(std::vector<pipeline::Classifier*>{&mood},
                                               store.clock, metrics, base::kDay);
        commit = std::make_unique<commit::Commit>(
            *store.database, store.clock, store.random,
            std::vector<pipeline::Ledger*>{store.message_ledger.get(), &store.dead_letter_ledger,
                                           &store.rollup_ledger, &runs});
    }
    ~Bench() { CHECK(ask->stop(base::kMinute)); }

    static pipeline::Item item(const std::string& id, const std::string& text) {
        pipeline::Item item;
        item.message = TestStore::message(id, text);
        v1::Annotation& said = *item.annotations.add_annotations();
        said.set_classifier("mood");
        said.set_task("sentiment");
        said.set_model_version("mood/1");
        said.set_label(text.substr(0, text.find(' ')));
        item.route.set_team("support");
        item.route.add_sinks("crm");
        return item;
    }
    // "good 0", "bad 1", "good 2", ...
    void fill(int count) {
        pipeline::Batch batch;
        batch.source = "shop";
        for (int i = 0; i < count; ++i)
            batch.items.push_back(
                item("m" + std::to_string(i), (i % 2 == 0 ? "good " : "bad ") + std::to_string(i)));
        store.store(std::move(batch));
    }

    v1::ReclassifyRun newRun() {
        v1::ReclassifyRun run;
        run.set_last(*store.queries->count());
        return run;
    }
    history::Reclassifier make(v1::ReclassifyRun run, history::ReclassifyOptions options = {}) {
        options.classifiers = {{"mood", "sentiment"}};
        options.configured = {"mood", "other", "topics"};
        return {
            {*store.queries, *ask, nullptr, commit.get(), store.clock}, options, std::move(run)};
    }
    v1::ReclassifyRun kept() {
        const auto run = history::loadRun(*store.database);
        REQUIRE(run);
        REQUIRE(*run);
        return **run;
    }
    std::int64_t messagesWith(const std::string& sentiment) {
        return store.number("SELECT coalesce(sum(r.messages), 0) FROM rollup_day r JOIN term t ON "
                            "t.id = r.sentiment_id WHERE t.word = '" +
                            sentiment + "'");
    }
    std::string labelOf(std::int64_t id) {
        return (*store.queries->find(id))->annotations.annotations(0).label();
    }

    TestStore store;
    base::Metrics metrics;
    FakeClassifier mood;
    history::RunLedger runs;
    std::unique_ptr<enrich::Enrich> ask;
    std::unique_ptr<commit::Commit> commit;
};

} // namespace

TEST_CASE("labels and counts become those of the new version and nothing else changes",
          "[history]") {
    Bench bench;
    bench.fill(10);
    const auto outbox = bench.store.number("SELECT count(*) FROM outbox");
    auto reclassifier = bench.make(bench.newRun());
    REQUIRE(*reclassifier.run({}));
    const auto run = reclassifier.progress();
    CHECK(run.looked_at() == 10);
    CHECK(run.asked() == 10);
    CHECK(run.written() == 10); // the version of all
    CHECK(run.tally().changed() == 5);
    REQUIRE(run.tally().changes_size() == 1);
    CHECK(run.tally().changes(0).from() == "good");
    CHECK(run.tally().changes(0).to() == "great");
    CHECK(run.versions().at("mood") == "mood/2");
    CHECK(run.ended_at_us() != 0);
    CHECK(bench.messagesWith("good") == 0);
    CHECK(bench.messagesWith("great") == 5);
    CHECK(bench.messagesWith("bad") == 5);
    const auto stored = bench.store.queries->find(1);
    CHECK((*stored)->route.team() == "support");
    CHECK(bench.store.number("SELECT count(*) FROM outbox") == outbox);
    CHECK(testing::checkInvariants(*bench.store.database).empty());
    CHECK(bench.kept().SerializeAsString() == run.SerializeAsString());
}

TEST_CASE("what the present version has labelled is passed over unless all are wanted",
          "[history]") {
    Bench bench;
    bench.fill(600);
    REQUIRE(*bench.make(bench.newRun()).run({}));
    auto again = bench.make(bench.newRun());
    REQUIRE(*again.run({}));
    // Which version is the present one is learned from the first step.
    CHECK(again.progress().looked_at() == 600);
    CHECK(again.progress().asked() == history::Reclassifier::kStepMax);
    CHECK(again.progress().written() == 0);
    history::ReclassifyOptions options;
    options.ask_all = true;
    auto all = bench.make(bench.newRun(), options);
    REQUIRE(*all.run({}));
    CHECK(all.progress().asked() == 600);
    CHECK(all.progress().written() == 0);
}

TEST_CASE("an interrupted reclassification goes on where it was and counts on", "[history]") {
    Bench bench;
    bench.fill(600);
    {
        auto begun = bench.make(bench.newRun());
        REQUIRE(*begun.step());
    }
    bench.store.reopen();
    bench.commit = std::make_unique<commit::Commit>(
        *bench.store.database, bench.store.clock, bench.store.random,
        std::vector<pipeline::Ledger*>{bench.store.message_ledger.get(), &bench.store.rollup_ledger,
                                       &bench.runs});
    CHECK(bench.kept().position() == history::Reclassifier::kStepMax);
    CHECK(bench.kept().ended_at_us() == 0);
    auto rest = bench.make(bench.kept());
    REQUIRE(*rest.run({}));
    CHECK(rest.progress().asked() == 600);
    CHECK(rest.progress().tally().changed() == 300);
    CHECK(bench.messagesWith("great") == 300);
    CHECK(testing::checkInvariants(*bench.store.database).empty());
}

TEST_CASE("an interrupted reclassification does not go on with another version", "[history]") {
    Bench bench;
    bench.fill(300);
    REQUIRE(*bench.make(bench.newRun()).step());
    bench.mood.say = byFirstWord("mood/3");
    const auto refused = bench.make(bench.kept()).run({});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("mood/3") != std::string::npos);
    CHECK(refused.error().message.find("--restart") != std::string::npos);
    CHECK(bench.kept().position() == history::Reclassifier::kStepMax);
}

TEST_CASE("only what is selected is looked at", "[history]") {
    Bench bench;
    pipeline::Batch batch;
    batch.source = "shop";
    for (int i = 0; i < 10; ++i) {
        batch.items.push_back(Bench::item("m" + std::to_string(i), "good text"));
        batch.items.back().message.set_occurred_at_us((i + 1) * base::kHour);
    }
    pipeline::Batch other;
    other.source = "mail";
    other.items.push_back(Bench::item("x", "good text"));
    bench.store.store(std::move(batch));
    bench.store.store(std::move(other));
    auto run = bench.newRun();
    run.set_since_us(3 * base::kHour);
    run.set_until_us(6 * base::kHour);
    auto some = bench.make(run);
    REQUIRE(*some.run({}));
    CHECK(some.progress().looked_at() == 3);
    auto mail = bench.newRun();
    mail.set_source("mail");
    auto one = bench.make(mail);
    REQUIRE(*one.run({}));
    CHECK(one.progress().looked_at() == 1);
    CHECK(bench.messagesWith("great") == 4);
    auto nobody = bench.newRun();
    nobody.set_source("nobody");
    auto none = bench.make(nobody);
    REQUIRE(*none.run({}));
    CHECK(none.progress().looked_at() == 0);
}

TEST_CASE("a message that a classifier cannot stand keeps its label and the others get theirs",
          "[history]") {
    Bench bench;
    bench.fill(20);
    const auto say = byFirstWord("mood/2", "good", "great");
    bench.mood.say = [=](const v1::ClassifyRequest& request) -> pipeline::Answer {
        for (const auto& message : request.messages())
            if (message.text() == "good 6") return {pipeline::Verdict::Internal, "", "no", 0};
        return say(request);
    };
    auto reclassifier = bench.make(bench.newRun());
    REQUIRE(*reclassifier.run({}));
    CHECK(reclassifier.progress().unanswered() == 1);
    CHECK(bench.messagesWith("great") == 9);
    CHECK(bench.labelOf(7) == "good");
    // Nobody is asked again by itself: that would be another version's answer.
    CHECK(bench.store.number("SELECT count(*) FROM pending_annotation") == 0);
    CHECK(testing::checkInvariants(*bench.store.database).empty());
}

TEST_CASE("a classifier that answers nobody ends the run before its messages", "[history]") {
    Bench bench;
    bench.fill(20);
    bench.mood.say = [](const auto&) -> pipeline::Answer {
        return {pipeline::Verdict::Internal, "", "broken", 0};
    };
    const auto ended = bench.make(bench.newRun()).run({});
    REQUIRE_FALSE(ended);
    CHECK(ended.error().code == base::Code::Unavailable);
    CHECK(bench.mood.requests.size() == 1 + history::Reclassifier::kBlameAfter);
    CHECK(bench.messagesWith("good") == 10);
}

TEST_CASE("a text that was edited meanwhile has the answer to its own words", "[history]") {
    Bench bench;
    bench.fill(2);
    const auto say = byFirstWord("mood/2", "good", "great");
    bool is_edited = false;
    bench.mood.say = [&](const v1::ClassifyRequest& request) {
        if (!std::exchange(is_edited, true)) {
            pipeline::Batch edit;
            edit.source = "shop";
            edit.items.push_back(Bench::item("m0", "bad after all"));
            bench.store.store(std::move(edit));
        }
        return say(request);
    };
    auto reclassifier = bench.make(bench.newRun());
    REQUIRE(*reclassifier.run({}));
    CHECK(bench.labelOf(1) == "bad");
    CHECK(bench.messagesWith("great") == 0);
    CHECK(bench.messagesWith("bad") == 2);
    CHECK(testing::checkInvariants(*bench.store.database).empty());
}

TEST_CASE("a late answer of another classifier in between is kept", "[history]") {
    Bench bench;
    auto item = Bench::item("m0", "good");
    item.annotations.add_pending("topics");
    pipeline::Batch batch;
    batch.source = "shop";
    batch.items.push_back(item);
    bench.store.store(std::move(batch));
    bench.store.clock.advance(base::kMinute);
    auto due = bench.store.queries->due(1);
    REQUIRE(due);
    REQUIRE(due->size() == 1);
    auto late = std::move(due->front().item);
    late.annotations.clear_pending();
    TestStore::annotate(late, "topics", "price");
    const auto storeLate = [&] {
        pipeline::Batch answer;
        answer.source = "shop";
        answer.items.push_back(late);
        bench.store.store(std::move(answer));
    };
    SECTION("stored after the question was put") {
        const auto say = byFirstWord("mood/2", "good", "great");
        bench.mood.say = [&, say](const v1::ClassifyRequest& request) {
            storeLate();
            return say(request);
        };
        REQUIRE(*bench.make(bench.newRun()).run({}));
    }
    SECTION("read before the label changed") {
        REQUIRE(*bench.make(bench.newRun()).run({}));
        storeLate();
    }
    const auto stored = bench.store.queries->find(1);
    REQUIRE((*stored)->annotations.annotations_size() == 2);
    CHECK((*stored)->annotations.annotations(0).label() == "great");
    CHECK((*stored)->annotations.annotations(1).label() == "price");
    CHECK((*stored)->annotations.pending_size() == 0);
    CHECK(bench.store.number("SELECT count(*) FROM pending_annotation") == 0);
    CHECK(testing::checkInvariants(*bench.store.database).empty());
}

TEST_CASE("a classifier that owed an answer has given it with the new one", "[history]") {
    Bench bench;
    auto item = Bench::item("m0", "good");
    item.annotations.clear_annotations();
    item.annotations.add_pending("mood");
    pipeline::Batch batch;
    batch.source = "shop";
    batch.items.push_back(item);
    bench.store.store(std::move(batch));
    auto reclassifier = bench.make(bench.newRun());
    REQUIRE(*reclassifier.run({}));
    CHECK(bench.labelOf(1) == "great");
    CHECK(bench.store.number("SELECT count(*) FROM pending_annotation") == 0);
    CHECK(reclassifier.progress().tally().changes(0).from().empty());
}

TEST_CASE("a language that a classifier told is asked for again and one of the channel is not",
          "[history]") {
    Bench bench;
    FakeClassifier tongue("tongue", "language", {});
    tongue.say = byFirstWord("tongue/2");
    enrich::Enrich ask({&tongue}, bench.store.clock, bench.metrics, base::kSecond);
    auto told = Bench::item("m0", "de text");
    told.message.set_language("fr");
    told.annotations.mutable_annotations(0)->set_classifier("tongue");
    told.annotations.mutable_annotations(0)->set_task("language");
    auto known = Bench::item("m1", "de text");
    known.message.set_language("fr");
    pipeline::Batch batch;
    batch.source = "shop";
    batch.items.push_back(told);
    batch.items.push_back(known);
    bench.store.store(std::move(batch));
    history::ReclassifyOptions options;
    options.classifiers = {{"tongue", "language"}};
    options.configured = {"tongue"};
    history::Reclassifier reclassifier(
        {*bench.store.queries, ask, nullptr, bench.commit.get(), bench.store.clock}, options,
        bench.newRun());
    REQUIRE(*reclassifier.run({}));
    CHECK(reclassifier.progress().asked() == 1);
    CHECK(tongue.requests.at(0).messages(0).language().empty());
    CHECK((*bench.store.queries->find(1))->message.language() == "de");
    CHECK((*bench.store.queries->find(2))->message.language() == "fr");
    CHECK(bench.store.number("SELECT sum(r.messages) FROM rollup_day r JOIN term t ON t.id = "
                             "r.language_id WHERE t.word = 'de'") == 1);
    CHECK(ask.stop(base::kMinute));
}

TEST_CASE("the second label of a task does not become the first by an answer", "[history]") {
    Bench bench;
    auto item = Bench::item("m0", "good");
    v1::Annotation& second = *item.annotations.add_annotations();
    second.set_classifier("other");
    second.set_task("sentiment");
    second.set_label("bad");
    pipeline::Batch batch;
    batch.source = "shop";
    batch.items.push_back(item);
    bench.store.store(std::move(batch));
    REQUIRE(*bench.make(bench.newRun()).run({}));
    CHECK(bench.messagesWith("great") == 1);
    CHECK(bench.messagesWith("bad") == 0);
}

TEST_CASE("labels of a classifier that is gone make room for those of its task", "[history]") {
    Bench bench;
    auto item = Bench::item("m0", "good");
    item.annotations.mutable_annotations(0)->set_classifier("old");
    v1::Annotation& other = *item.annotations.add_annotations();
    other.set_classifier("older");
    other.set_task("topic");
    other.set_label("price");
    pipeline::Batch batch;
    batch.source = "shop";
    batch.items.push_back(item);
    bench.store.store(std::move(batch));
    REQUIRE(*bench.make(bench.newRun()).run({}));
    CHECK(bench.messagesWith("great") == 1);
    CHECK(bench.messagesWith("good") == 0);
    const auto stored = bench.store.queries->find(1);
    REQUIRE((*stored)->annotations.annotations_size() == 2);
    // Nobody was asked about topics.
    CHECK((*stored)->annotations.annotations(0).label() == "price");
    CHECK(testing::checkInvariants(*bench.store.database).empty());
}

TEST_CASE("no more messages are asked about in a second than is allowed", "[history]") {
    Bench bench;
    bench.fill(30);
    history::ReclassifyOptions options;
    options.per_second = 10;
    auto reclassifier = bench.make(bench.newRun(), options);
    const auto begun = bench.store.clock.steady();
    std::optional<base::Result<bool>> ended;
    std::atomic<bool> has_ended = false;
    std::jthread work([&] {
        ended = reclassifier.run({});
        has_ended = true;
    });
    // Small steps: they also pass while a classifier is asked, which has a day for it.
    while (!has_ended) {
        bench.store.clock.advance(base::kMillisecond);
        std::this_thread::yield();
    }
    work.join();
    REQUIRE(*ended);
    CHECK(**ended);
    // The last step is not waited for.
    CHECK(bench.store.clock.steady() - begun >= 28 * base::kSecond / 10);
}

TEST_CASE("a shadow run asks and routes and stores nothing", "[history]") {
    Bench bench;
    bench.fill(10);
    class Rules final : public pipeline::Stage {
        void process(std::vector<pipeline::Batch>& group) override {
            for (pipeline::Batch& batch : group)
                for (pipeline::Item& item : batch.items) {
                    item.route.set_team(
                        item.annotations.annotations(0).label() == "great" ? "fans" : "support");
                }
        }
    } rules;
    history::ReclassifyOptions options;
    options.classifiers = {{"mood", "sentiment"}};
    options.configured = {"mood"};
    history::Reclassifier shadow(
        {*bench.store.queries, *bench.ask, &rules, nullptr, bench.store.clock}, options,
        bench.newRun());
    REQUIRE(*shadow.run({}));
    const auto tally = shadow.progress().tally();
    CHECK(tally.messages() == 10);
    CHECK(tally.changed() == 5);
    REQUIRE(tally.changes_size() == 2);
    CHECK(tally.changes(1).subject() == "team");
    CHECK(tally.changes(1).from() == "support");
    CHECK(tally.changes(1).to() == "fans");
    CHECK(tally.changes(1).count() == 5);
    REQUIRE(tally.changes(1).examples_size() == history::DecisionDiff::kExamplesMax);
    CHECK(tally.changes(1).examples(1).message_id() == 3);
    CHECK(tally.changes(1).examples(1).text() == "good 2");
    CHECK(bench.messagesWith("good") == 5);
    CHECK(bench.labelOf(1) == "good");
    CHECK(bench.store.number("SELECT count(*) FROM reclassify_run") == 0);
}
