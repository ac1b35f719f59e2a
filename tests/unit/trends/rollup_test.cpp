#include "support/test_store.h"
#include "trends/report.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestStore;

namespace {

// A random life of messages: new ones, edits, deletions, repeats, late answers of classifiers.
class RandomLife {
  public:
    RandomLife(TestStore& store, std::uint64_t seed) : store_(store), random_(seed) {}

    void step() {
        std::vector<v1::FeedbackMessage> messages;
        for (int i = 0; i < 20; ++i) messages.push_back(oneMessage());
        auto batch = TestStore::batchOf(messages);
        for (pipeline::Item& item : batch.items) {
            if (below(4) != 0)
                TestStore::annotate(item, "sentiment", pick({"negative", "positive"}));
            if (below(3) != 0)
                TestStore::annotate(item, "topic", pick({"bug", "billing", "praise"}));
            else
                item.annotations.add_pending("topic");
            if (below(8) == 0) TestStore::annotate(item, "spam", "spam");
        }
        store_.store(std::move(batch));
        store_.clock.advance(base::kMinute);
        answerLate();
    }

  private:
    std::uint64_t below(std::uint64_t end) { return random_.next() % end; }
    std::string pick(std::vector<std::string> from) { return from[below(from.size())]; }

    v1::FeedbackMessage oneMessage() {
        const auto at = static_cast<base::Micros>(below(40)) * 7 * base::kHour;
        auto message = TestStore::message("m" + std::to_string(below(120)),
                                          "text " + std::to_string(below(4)), at);
        message.set_channel(pick({"mail", "shop", "store"}));
        message.set_language(pick({"en", "de"}));
        message.set_revision(static_cast<std::int64_t>(below(6)));
        if (below(3) == 0) {
            message.mutable_rating()->set_value(static_cast<double>(1 + below(5)));
            message.mutable_rating()->set_scale_min(1);
            message.mutable_rating()->set_scale_max(5);
        }
        if (below(10) == 0) message.set_deleted_at_us(at + 1);
        return message;
    }

    void answerLate() {
        auto due = store_.queries->due(50);
        REQUIRE(due);
        pipeline::Batch batch;
        for (pipeline::PendingMessage& pending : *due) {
            TestStore::annotate(pending.item, "topic", pick({"bug", "delivery"}));
            pending.item.annotations.clear_pending();
            batch.items.push_back(std::move(pending.item));
        }
        store_.store(std::move(batch));
    }

    TestStore& store_;
    base::SeededRandom random_;
};

// How many cells a recount of the messages and the kept counts disagree on.
std::int64_t differences(TestStore& store, const std::string& table, base::Micros bucket) {
    const std::string recount =
        "SELECT occurred_at / " + std::to_string(bucket) +
        " AS bucket, source_id, channel_id, language_id, topic_id, sentiment_id, count(*) AS n, "
        "sum(spam) AS spam, sum(CASE WHEN rating >= 0 THEN 1 ELSE 0 END) AS rated, "
        "sum(CASE WHEN rating >= 0 THEN rating ELSE 0 END) AS rating_sum "
        "FROM message WHERE deleted_at = 0 GROUP BY 1, 2, 3, 4, 5, 6";
    const std::string kept = "SELECT bucket, source_id, channel_id, language_id, topic_id, "
                             "sentiment_id, messages, spam, rated, rating_sum FROM " +
                             table + " WHERE messages <> 0 OR spam <> 0 OR rated <> 0";
    return store.number("SELECT count(*) FROM (SELECT * FROM (" + recount +
                        ") AS recounted EXCEPT " + kept + ") AS difference") +
           store.number("SELECT count(*) FROM (" + kept + " EXCEPT SELECT * FROM (" + recount +
                        ") AS recounted) AS difference");
}

} // namespace

TEST_CASE("counts always equal a recount of the messages", "[trends]") {
    for (const std::uint64_t seed : {1U, 2U, 3U}) {
        TestStore store;
        RandomLife life(store, seed);
        for (int step = 0; step < 15; ++step) life.step();
        CHECK(store.number("SELECT count(*) FROM message_revision") > 20);
        CHECK(differences(store, "rollup_day", base::kDay) == 0);
        CHECK(differences(store, "rollup_hour", base::kHour) == 0);
    }
}

TEST_CASE("a message before 1970 is counted on its own day", "[trends]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("old", "x", -1)}));
    CHECK(store.number("SELECT bucket FROM rollup_day") == -1);
}

TEST_CASE("a report has a row for each pair of keys and a total that is their sum", "[trends]") {
    TestStore store;
    const base::Micros day = 20000 * base::kDay;
    auto batch = TestStore::batchOf({TestStore::message("a", "x", day),
                                     TestStore::message("b", "y", day + base::kHour),
                                     TestStore::message("c", "z", day + base::kDay)});
    batch.items[1].message.set_channel("mail");
    TestStore::annotate(batch.items[0], "sentiment", "positive");
    TestStore::annotate(batch.items[1], "sentiment", "negative");
    TestStore::annotate(batch.items[2], "topic", "billing");
    store.store(std::move(batch));
    trends::ReportQuestion question;
    const auto report = trends::makeReport(*store.database, *store.dictionary, question);
    REQUIRE(report);
    REQUIRE(report->rows.size() == 3);
    CHECK(report->rows[0].keys == std::vector<std::string>{"mail", "2024-10-04"});
    CHECK(report->rows[0].negative == 1);
    CHECK(report->rows[2].top_topic == "billing");
    CHECK(report->total.messages == 3);
    CHECK(report->total.positive == 1);
}

TEST_CASE("since is included and until is not", "[trends]") {
    TestStore store;
    const base::Micros day = 20000 * base::kDay;
    for (int i = 0; i < 5; ++i)
        store.store(TestStore::batchOf(
            {TestStore::message("m" + std::to_string(i), "x", day + i * base::kDay)}));
    trends::ReportQuestion question;
    question.by = {trends::Dimension::Day};
    question.since = day + base::kDay;
    question.until = day + 3 * base::kDay;
    const auto report = trends::makeReport(*store.database, *store.dictionary, question);
    REQUIRE(report);
    CHECK(report->total.messages == 2);
    question.channel = "nowhere";
    CHECK(trends::makeReport(*store.database, *store.dictionary, question)->rows.empty());
}
