#include "bookmark.h"

#include <catch2/catch.hpp>

using hearback::file::Bookmark;

TEST_CASE("a bookmark is read as it was written", "[plugins]") {
    const auto read = Bookmark::read(Bookmark{7, 3, 18446744073709551615U, 2}.write());
    REQUIRE(read.has_value());
    CHECK(read->offset == 7);
    CHECK(read->line == 3);
    CHECK(read->head == 18446744073709551615U);
    CHECK(read->tail == 2);
}

TEST_CASE("a checkpoint that somebody else wrote is no bookmark", "[plugins]") {
    for (const char* text : {"", "7", "[]", "{}", "{\"v\": 1",
                             R"({"v": 2, "offset": 1, "line": 1, "head": 1, "tail": 1})",
                             R"({"v": "1", "offset": 1, "line": 1, "head": 1, "tail": 1})",
                             R"({"v": 1, "offset": "1", "line": 1, "head": 1, "tail": 1})",
                             R"({"v": 1, "offset": 1, "line": 1, "head": 1.5, "tail": 1})",
                             R"({"v": 1, "offset": 1, "line": 1, "head": 1})"}) {
        INFO(text);
        CHECK_FALSE(Bookmark::read(text).has_value());
    }
}
