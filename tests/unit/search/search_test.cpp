#include "search/search.h"
#include "support/test_store.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestStore;

namespace {

void indexAll(TestStore& store) {
    for (;;) {
        const auto more = store.index->step();
        REQUIRE(more);
        if (!*more) break;
    }
    REQUIRE(*store.index->behind() == 0);
}

std::vector<std::string> find(TestStore& store, const std::string& text) {
    const auto query = search::parseQuery(text);
    REQUIRE(query);
    const auto hits = search::search(*store.index, *store.dictionary, *query, {});
    REQUIRE(hits);
    std::vector<std::string> ids;
    for (const search::Hit& hit : hits->hits) ids.push_back(hit.message.external_id());
    return ids;
}

using Ids = std::vector<std::string>;

v1::FeedbackMessage revised(const std::string& id, std::int64_t revision, const std::string& text) {
    auto message = TestStore::message(id, text);
    message.set_revision(revision);
    return message;
}

} // namespace

TEST_CASE("words phrases and exclusions find what they should", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "I want a refund for the lamp"),
                                    TestStore::message("b", "Refunds take too long"),
                                    TestStore::message("c", "The lamp for a refund? No!"),
                                    TestStore::message("d", "Größe passt, très bien")}));
    indexAll(store);
    CHECK(find(store, "refund") == Ids{"c", "b", "a"});
    CHECK(find(store, "refund lamp") == Ids{"c", "a"});
    CHECK(find(store, "\"refund for the lamp\"") == Ids{"a"});
    CHECK(find(store, "refund -lamp") == Ids{"b"});
    CHECK(find(store, "GROSSE").empty());
    CHECK(find(store, "größe tres") == Ids{"d"});
}

TEST_CASE("filters narrow a search with and without words", "[search]") {
    TestStore store;
    auto batch = TestStore::batchOf({TestStore::message("a", "late parcel", 1000 * base::kDay),
                                     TestStore::message("b", "late train", 2000 * base::kDay)});
    batch.items[1].message.set_channel("mail");
    TestStore::annotate(batch.items[0], "sentiment", "negative");
    store.store(std::move(batch));
    indexAll(store);
    CHECK(find(store, "late channel:mail") == Ids{"b"});
    CHECK(find(store, "sentiment:negative") == Ids{"a"});
    CHECK(find(store, "late since:1974-01-01") == Ids{"b"});
    CHECK(find(store, "late until:1974-01-01") == Ids{"a"});
    CHECK(find(store, "channel:nowhere").empty());
}

TEST_CASE("an edited message is found by its new words only", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({revised("a", 1, "apple")}));
    indexAll(store);
    store.store(TestStore::batchOf({revised("a", 2, "banana")}));
    store.store(TestStore::batchOf({revised("a", 3, "cherry")}));
    indexAll(store);
    CHECK(find(store, "apple").empty());
    CHECK(find(store, "banana").empty());
    CHECK(find(store, "cherry") == Ids{"a"});
}

TEST_CASE("an edit before the first indexing leaves no trace of the old words", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({revised("a", 1, "apple")}));
    store.store(TestStore::batchOf({revised("a", 2, "banana")}));
    indexAll(store);
    store.store(TestStore::batchOf({revised("a", 3, "cherry")}));
    indexAll(store);
    CHECK(find(store, "apple").empty());
    CHECK(find(store, "banana").empty());
    CHECK(find(store, "cherry") == Ids{"a"});
}

TEST_CASE("a late revision does not disturb the index", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({revised("a", 5, "newest")}));
    indexAll(store);
    store.store(TestStore::batchOf({revised("a", 2, "older")}));
    indexAll(store);
    store.store(TestStore::batchOf({revised("a", 6, "after")}));
    indexAll(store);
    CHECK(find(store, "newest").empty());
    CHECK(find(store, "older").empty());
    CHECK(find(store, "after") == Ids{"a"});
}

TEST_CASE("a deleted message is not found any more", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({revised("a", 1, "apple")}));
    indexAll(store);
    auto tombstone = revised("a", 2, "apple");
    tombstone.set_deleted_at_us(1);
    store.store(TestStore::batchOf({tombstone}));
    indexAll(store);
    CHECK(find(store, "apple").empty());
    CHECK(find(store, "channel:webshop").empty());
}

TEST_CASE("the index goes on where it was after a restart", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "apple")}));
    indexAll(store);
    store.store(TestStore::batchOf({TestStore::message("b", "apple")}));
    store.reopen();
    CHECK(*store.index->behind() == 1);
    indexAll(store);
    CHECK(find(store, "apple") == Ids{"b", "a"});
}

TEST_CASE("what is found is marked where it stands", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "They lost two parcels of mine")}));
    indexAll(store);
    const auto query = search::parseQuery("parcel");
    const auto hits = search::search(*store.index, *store.dictionary, *query, {});
    REQUIRE(hits);
    CHECK(hits->hits.front().snippet == "They lost two \x02parcels\x03 of mine");
}

TEST_CASE("pages go on where the last one ended and the total stays", "[search]") {
    TestStore store;
    std::vector<v1::FeedbackMessage> messages;
    for (int i = 0; i < 25; ++i)
        messages.push_back(TestStore::message("m" + std::to_string(i), "lamp"));
    store.store(TestStore::batchOf(messages));
    indexAll(store);
    const auto query = search::parseQuery("lamp");
    search::Page page;
    page.limit = 10;
    std::size_t seen = 0;
    for (int i = 0; i < 3; ++i) {
        const auto hits = search::search(*store.index, *store.dictionary, *query, page);
        REQUIRE(hits);
        CHECK(hits->total == 25);
        seen += hits->hits.size();
        page.before = hits->hits.back().id;
    }
    CHECK(seen == 25);
    page.before = 0;
    page.count_up_to = 20;
    const auto capped = search::search(*store.index, *store.dictionary, *query, page);
    CHECK(capped->total == 20);
    CHECK_FALSE(capped->counted_all);
}

TEST_CASE("a filter that leaves few of many words finds and counts them all", "[search]") {
    TestStore store;
    std::vector<v1::FeedbackMessage> messages;
    for (int i = 0; i < 5000; ++i) {
        messages.push_back(TestStore::message("m" + std::to_string(i), "lamp"));
        if (i % 1000 == 7) messages.back().set_channel("mail");
    }
    store.store(TestStore::batchOf(messages));
    indexAll(store);
    CHECK(find(store, "lamp channel:mail") == Ids{"m4007", "m3007", "m2007", "m1007", "m7"});
    const auto query = search::parseQuery("lamp channel:mail");
    search::Page page;
    page.limit = 2;
    const auto hits = search::search(*store.index, *store.dictionary, *query, page);
    REQUIRE(hits);
    CHECK(hits->hits.size() == 2);
    CHECK(hits->total == 5);
    CHECK(hits->counted_all);
    page.before = hits->hits.back().id;
    const auto next = search::search(*store.index, *store.dictionary, *query, page);
    REQUIRE(next);
    CHECK(next->hits.front().message.external_id() == "m2007");
    CHECK(next->total == 5);
}

TEST_CASE("whatever is typed is never an error of the database", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "text")}));
    indexAll(store);
    for (const char* text : {"\"", "a \"b", "NEAR(", "AND OR NOT", "*", "(((", "col:\"x\"", "a* ^b",
                             "'; DROP TABLE", "{x}", "-", "\x01", "\xF0\x9F\x98\x80"}) {
        INFO(text);
        const auto query = search::parseQuery(text);
        if (!query) continue;
        CHECK(search::search(*store.index, *store.dictionary, *query, {}));
    }
}

TEST_CASE("a wrong filter is refused with the right one", "[search]") {
    const auto query = search::parseQuery("chanel:mail");
    REQUIRE_FALSE(query);
    CHECK(query.error().message.find("did you mean \"channel\"") != std::string::npos);
    CHECK_FALSE(search::parseQuery("since:yesterday"));
    CHECK_FALSE(search::parseQuery("-only"));
    CHECK_FALSE(search::parseQuery("http://example.org"));
    CHECK(search::parseQuery("\"http://example.org\""));
}

TEST_CASE("an index that is ahead of a restored database is made again", "[search]") {
    TestStore store;
    store.store(TestStore::batchOf({TestStore::message("a", "kept")}));
    {
        TestStore later;
        later.store(TestStore::batchOf(
            {TestStore::message("a", "kept"), TestStore::message("b", "forgotten")}));
        indexAll(later);
        // The messages of a backup, with the index of the days that it does not have.
        later.database.reset();
        later.index_database.reset();
        store.database.reset();
        store.index_database.reset();
        for (const char* file : {"search.db", "search.db-wal"})
            if (std::filesystem::exists(later.folder / file))
                std::filesystem::copy_file(later.folder / file, store.folder / file,
                                           std::filesystem::copy_options::overwrite_existing);
    }
    store.reopen();
    REQUIRE(store.index->verify());
    store.store(TestStore::batchOf({TestStore::message("c", "new words")}));
    indexAll(store);
    CHECK(find(store, "forgotten").empty());
    CHECK(find(store, "kept") == Ids{"a"});
    CHECK(find(store, "words") == Ids{"c"});
    // What is not ahead stays as it is.
    REQUIRE(store.index->verify());
    CHECK(find(store, "words") == Ids{"c"});
}
