#include "hearback/mapping/json_record.h"

#include <catch2/catch.hpp>

using hearback::mapping::Columns;
using hearback::mapping::flatten;

namespace {

Columns flat(const std::string& json) { return flatten(nlohmann::json::parse(json)); }

std::string bracketsOf(std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
}

} // namespace

TEST_CASE("members within members become columns with dots", "[mapping]") {
    CHECK(flat(R"({"text": "x", "author": {"handle": "@ada", "n": {"deep": true}},
                   "items": [{"id": 7}, "two"]})") == Columns{{"author.handle", "@ada"},
                                                              {"author.n.deep", "true"},
                                                              {"items.0.id", "7"},
                                                              {"items.1", "two"},
                                                              {"text", "x"}});
}

TEST_CASE("numbers keep their digits and nulls are left out", "[mapping]") {
    CHECK(flat(R"({"a": 1.5, "b": 12345678901234567890, "c": -3, "d": null, "e": "",
                   "f": [], "g": {}, "h": 1e30})") == Columns{{"a", "1.5"},
                                                              {"b", "12345678901234567890"},
                                                              {"c", "-3"},
                                                              {"e", ""},
                                                              {"f", "[]"},
                                                              {"g", "{}"},
                                                              {"h", "1e+30"}});
    CHECK(flat("null").empty());
}

TEST_CASE("what lies deeper than six levels is JSON text", "[mapping]") {
    CHECK(flat(R"({"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": 1}}}}}}}})") ==
          Columns{{"a.b.c.d.e.f", R"({"g":{"h":1}})"}});
}

TEST_CASE("a record has at most 256 columns", "[mapping]") {
    nlohmann::json wide;
    for (int i = 0; i < 1000; ++i) wide["member" + std::to_string(1000 + i)] = i;
    const Columns columns = flatten(wide);
    REQUIRE(columns.size() == 256);
    CHECK(columns.back().first == "member1255");
}

// A body of nothing but brackets would end the process, were it written by recursion.
TEST_CASE("a record nested beyond reason is survived", "[mapping]") {
    const auto columns = flat(R"({"deep": )" + bracketsOf(500000) + R"(, "text": "kept"})");
    CHECK(columns == Columns{{"text", "kept"}});
    CHECK(flat(R"({"deep": )" + bracketsOf(60) + "}").size() == 1);
    std::string objects = "1";
    for (int i = 0; i < 1000; ++i) objects = R"({"a":)" + objects + "}";
    CHECK(flat(objects).empty());
}

TEST_CASE("a member with broken UTF-8 is still a column", "[mapping]") {
    const nlohmann::json record = {{"list", {{{{{{{{"caf\xE9"}}}}}}}}}};
    CHECK_NOTHROW(flatten(record));
}
