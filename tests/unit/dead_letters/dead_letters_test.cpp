#include "support/test_store.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TestStore;
using pipeline::DeadLetter;

namespace {

pipeline::Batch rejected(const std::string& payload, const std::string& position) {
    auto batch = TestStore::batchOf({});
    DeadLetter& letter = batch.dead_letters.emplace_back();
    letter.source = "shop";
    letter.cause = "it is no JSON";
    letter.position = position;
    letter.payload = payload;
    return batch;
}

} // namespace

TEST_CASE("a dead letter keeps every byte of its payload", "[dead_letters]") {
    TestStore store;
    const std::string payload("\0\xff{broken\n", 10);
    store.store(rejected(payload, "line 3"));
    store.reopen();
    const auto letter = dead_letters::findLetter(*store.database, 1);
    REQUIRE(letter);
    REQUIRE(*letter);
    CHECK((*letter)->letter.payload == payload);
    CHECK((*letter)->letter.cause == "it is no JSON");
}

TEST_CASE("the same letter again is counted and waits again", "[dead_letters]") {
    TestStore store;
    store.store(rejected("x", "line 1"));
    REQUIRE(dead_letters::markReplayed(*store.database, 1, store.clock.now()));
    CHECK(*dead_letters::countLetters(*store.database) == 0);
    store.store(rejected("x", "line 1"));
    store.store(rejected("x", "line 2"));
    const auto letters = dead_letters::listLetters(*store.database, {});
    REQUIRE(letters->size() == 2);
    CHECK(letters->back().seen == 2);
    CHECK(*dead_letters::countLetters(*store.database) == 2);
}
