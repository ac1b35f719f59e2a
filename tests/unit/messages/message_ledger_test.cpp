#include "support/test_store.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestStore;

TEST_CASE("a new message is stored and found again as it was", "[messages]") {
    TestStore store;
    auto message = TestStore::message("a", "The lamp flickers.");
    message.mutable_author()->set_handle("@ada");
    message.mutable_rating()->set_value(2);
    message.mutable_rating()->set_scale_min(1);
    message.mutable_rating()->set_scale_max(5);
    const auto stored = store.store(TestStore::batchOf({message}));
    CHECK(stored.inserted == 1);
    REQUIRE(stored.message_ids.size() == 1);
    const auto found = store.queries->find(stored.message_ids.front());
    REQUIRE(found);
    REQUIRE(*found);
    CHECK((*found)->message.SerializeAsString() == message.SerializeAsString());
    CHECK(store.number("SELECT rating FROM message") == 250);
}

TEST_CASE("a message with a known key is kept once", "[messages]") {
    TestStore store;
    store.store(
        TestStore::batchOf({TestStore::message("a", "first"), TestStore::message("b", "x")}));
    const auto again = store.store(
        TestStore::batchOf({TestStore::message("a", "first"), TestStore::message("c", "new")}));
    CHECK(again.duplicates == 1);
    CHECK(again.inserted == 1);
    CHECK(store.number("SELECT count(*) FROM message") == 3);
}

TEST_CASE("the same key twice in one batch is one message", "[messages]") {
    TestStore store;
    const auto stored = store.store(
        TestStore::batchOf({TestStore::message("a", "same"), TestStore::message("a", "same")}));
    CHECK(stored.inserted == 1);
    CHECK(stored.duplicates == 1);
}

namespace {

v1::FeedbackMessage revised(std::int64_t revision, const std::string& text) {
    auto message = TestStore::message("a", text);
    message.set_revision(revision);
    return message;
}

std::string textOf(TestStore& store, std::int64_t id) {
    const auto found = store.queries->find(id);
    REQUIRE(found);
    REQUIRE(*found);
    return (*found)->message.text();
}

v1::FeedbackMessage answerTo(const std::string& id, const std::string& parent) {
    auto message = TestStore::message(id, "answer");
    message.set_parent_external_id(parent);
    return message;
}

std::int64_t conversationOf(TestStore& store, const std::string& external_id) {
    return store.number("SELECT conversation_id FROM message WHERE external_id = '" + external_id +
                        "'");
}

} // namespace

TEST_CASE("an edit with a higher revision replaces the text and keeps the old one", "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({revised(1, "first")}));
    const auto stored = store.store(TestStore::batchOf({revised(2, "second")}));
    CHECK(stored.revised == 1);
    CHECK(textOf(store, 1) == "second");
    const auto history = store.queries->history(1);
    REQUIRE(history);
    REQUIRE(history->size() == 1);
    CHECK(history->front().message.text() == "first");
    CHECK(store.number("SELECT count(*) FROM message") == 1);
}

TEST_CASE("an edit that arrives late is history and does not change the text", "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({revised(5, "newest")}));
    store.store(TestStore::batchOf({revised(3, "older")}));
    CHECK(textOf(store, 1) == "newest");
    const auto again = store.store(TestStore::batchOf({revised(3, "older")}));
    CHECK(again.duplicates == 1);
    CHECK(store.number("SELECT count(*) FROM message_revision") == 1);
}

TEST_CASE("without revision numbers new content is an edit and seen content is a repeat",
          "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "one")}));
    CHECK(store.store(TestStore::batchOf({TestStore::message("a", "two")})).revised == 1);
    CHECK(store.store(TestStore::batchOf({TestStore::message("a", "two")})).duplicates == 1);
    // The file with both is read once more from its beginning.
    CHECK(store.store(TestStore::batchOf({TestStore::message("a", "one")})).duplicates == 1);
    CHECK(textOf(store, 1) == "two");
}

TEST_CASE("a changed number of likes is no edit", "[messages]") {
    TestStore store;
    auto message = TestStore::message("a", "same");
    message.mutable_reach()->set_likes(1);
    store.store(TestStore::batchOf({message}));
    message.mutable_reach()->set_likes(900);
    CHECK(store.store(TestStore::batchOf({message})).duplicates == 1);
}

TEST_CASE("a tombstone is a revision and the message does not count any more", "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({revised(1, "to be deleted")}));
    auto tombstone = revised(2, "");
    tombstone.set_deleted_at_us(tombstone.occurred_at_us() + 1);
    CHECK(store.store(TestStore::batchOf({tombstone})).deleted == 1);
    CHECK(store.number("SELECT count(*) FROM message WHERE deleted_at <> 0") == 1);
    CHECK(store.number("SELECT sum(messages) FROM rollup_day") == 0);
}

TEST_CASE("the same id in two sources is two messages", "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "here")}));
    auto other = TestStore::batchOf({TestStore::message("a", "there")});
    other.source = "mail";
    other.items.front().message.set_source("mail");
    CHECK(store.store(std::move(other)).inserted == 1);
}

TEST_CASE("a person is one identity however often they write", "[messages]") {
    TestStore store;
    std::vector<v1::FeedbackMessage> messages;
    for (int i = 0; i < 5; ++i) {
        auto message = TestStore::message("m" + std::to_string(i), "hello");
        message.mutable_author()->set_external_id("42");
        message.mutable_author()->set_handle(i < 3 ? "@old" : "@new");
        messages.push_back(message);
    }
    store.store(TestStore::batchOf(messages));
    CHECK(store.number("SELECT count(*) FROM identity") == 1);
    CHECK(store.number("SELECT count(*) FROM identity WHERE handle = '@new'") == 1);
    CHECK(store.number("SELECT count(DISTINCT identity_id) FROM message") == 1);
}

TEST_CASE("a message that stands alone is in no conversation until somebody answers",
          "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("q", "question")}));
    CHECK(conversationOf(store, "q") == 0);
    store.store(TestStore::batchOf({answerTo("r1", "q"), answerTo("r2", "r1")}));
    CHECK(conversationOf(store, "q") == conversationOf(store, "r1"));
    CHECK(conversationOf(store, "q") == conversationOf(store, "r2"));
    CHECK(store.number("SELECT count(*) FROM conversation") == 1);
    CHECK(store.number("SELECT messages FROM conversation") == 3);
}

TEST_CASE("an answer that arrives before its question ends in the same conversation",
          "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf({answerTo("r1", "q")}));
    store.store(TestStore::batchOf({TestStore::message("q", "question")}));
    CHECK(conversationOf(store, "q") != 0);
    CHECK(conversationOf(store, "q") == conversationOf(store, "r1"));
}

TEST_CASE("an edit that brings a message into a conversation is counted there", "[messages]") {
    TestStore store;
    auto one = TestStore::message("a", "first");
    one.set_conversation_key("ticket-7");
    store.store(TestStore::batchOf({one, TestStore::message("b", "alone")}));
    auto edited = TestStore::message("b", "about ticket 7", one.occurred_at_us() - base::kHour);
    edited.set_conversation_key("ticket-7");
    store.store(TestStore::batchOf({edited}));
    CHECK(store.number("SELECT messages FROM conversation") == 2);
    CHECK(store.number("SELECT started_at FROM conversation") == edited.occurred_at_us());
    auto moved = TestStore::message("b", "about ticket 8");
    moved.set_conversation_key("ticket-8");
    store.store(TestStore::batchOf({moved}));
    CHECK(store.number("SELECT messages FROM conversation WHERE key = 'ticket-7'") == 1);
    CHECK(store.number("SELECT messages FROM conversation WHERE key = 'ticket-8'") == 1);
}

TEST_CASE("an edit that becomes an answer leaves the conversation its beginning", "[messages]") {
    TestStore store;
    store.store(TestStore::batchOf(
        {TestStore::message("q", "question"), TestStore::message("r", "something")}));
    store.store(TestStore::batchOf({answerTo("r", "q")}));
    CHECK(store.number("SELECT messages FROM conversation") == 2);
    CHECK(store.number("SELECT started_at FROM conversation") == 1772452800 * base::kSecond);
}

TEST_CASE(
    "a conversation lasts from its first message to its last one, in whatever order they come",
    "[messages]") {
    TestStore store;
    auto late = TestStore::message("late", "late");
    auto early = TestStore::message("early", "early", late.occurred_at_us() - base::kDay);
    late.set_conversation_key("ticket-7");
    early.set_conversation_key("ticket-7");
    store.store(TestStore::batchOf({late, early}));
    CHECK(store.number("SELECT started_at FROM conversation") == early.occurred_at_us());
    CHECK(store.number("SELECT last_message_at FROM conversation") == late.occurred_at_us());
}

TEST_CASE("messages with one conversation key belong together", "[messages]") {
    TestStore store;
    auto one = TestStore::message("a", "one");
    one.set_conversation_key("ticket-7");
    auto two = TestStore::message("b", "two", one.occurred_at_us() + base::kHour);
    two.set_conversation_key("ticket-7");
    store.store(TestStore::batchOf({one, two}));
    const auto conversation = store.queries->conversation(conversationOf(store, "a"), 10);
    REQUIRE(conversation);
    CHECK(conversation->size() == 2);
    CHECK(store.number("SELECT last_message_at FROM conversation") == two.occurred_at_us());
}

TEST_CASE("a message with a pending classifier is due later and is given up in the end",
          "[messages]") {
    TestStore store;
    auto batch = TestStore::batchOf({TestStore::message("a", "text")});
    batch.items.front().annotations.add_pending("slow");
    store.store(std::move(batch));
    CHECK(store.queries->due(10)->empty());
    for (int attempt = 1; attempt < messages::kAnnotationAttemptsMax; ++attempt) {
        store.clock.advance(2 * base::kHour);
        auto due = store.queries->due(10);
        REQUIRE(due);
        REQUIRE(due->size() == 1);
        pipeline::Batch again;
        again.source = "shop";
        again.items.push_back(std::move(due->front().item));
        store.store(std::move(again));
    }
    store.clock.advance(base::kDay);
    CHECK(store.queries->due(10)->empty());
    const auto letters = dead_letters::listLetters(*store.database, {});
    REQUIRE(letters);
    REQUIRE(letters->size() == 1);
    CHECK(letters->front().letter.kind == pipeline::DeadLetter::Payload::Annotation);
}

TEST_CASE("a late answer of a classifier changes labels and counts", "[messages]") {
    TestStore store;
    auto batch = TestStore::batchOf({TestStore::message("a", "text")});
    batch.items.front().annotations.add_pending("sentiment");
    store.store(std::move(batch));
    store.clock.advance(base::kMinute);
    auto due = store.queries->due(10);
    REQUIRE(due);
    REQUIRE(due->size() == 1);
    pipeline::Batch again;
    again.items.push_back(std::move(due->front().item));
    again.items.front().annotations.clear_pending();
    TestStore::annotate(again.items.front(), "sentiment", "negative");
    store.store(std::move(again));
    CHECK(store.number("SELECT count(*) FROM pending_annotation") == 0);
    CHECK(store.number("SELECT sum(messages) FROM rollup_day r JOIN term t ON t.id = "
                       "r.sentiment_id WHERE t.word = 'negative'") == 1);
    CHECK(store.number("SELECT sum(messages) FROM rollup_day") == 1);
}

TEST_CASE("a late answer for a text that was edited meanwhile is dropped", "[messages]") {
    TestStore store;
    auto batch = TestStore::batchOf({revised(1, "first")});
    batch.items.front().annotations.add_pending("sentiment");
    store.store(std::move(batch));
    store.clock.advance(base::kMinute);
    auto due = store.queries->due(10);
    REQUIRE(due);
    REQUIRE(due->size() == 1);
    store.store(TestStore::batchOf({revised(2, "second")}));
    pipeline::Batch again;
    again.items.push_back(std::move(due->front().item));
    TestStore::annotate(again.items.front(), "sentiment", "positive");
    store.store(std::move(again));
    CHECK(textOf(store, 1) == "second");
    CHECK(store.number("SELECT sentiment_id FROM message") == 0);
}
