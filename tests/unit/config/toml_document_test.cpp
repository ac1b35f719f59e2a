#include "config/value.h"

#include <catch2/catch.hpp>

using namespace hearback;
using config::Problem;
using config::Value;

namespace {

std::string placeOfMember(const Value& table, const char* key) {
    const Value* member = table.member(key);
    REQUIRE(member != nullptr);
    return std::to_string(member->place.line) + ":" + std::to_string(member->place.column);
}

} // namespace

TEST_CASE("every value knows the line and column where it stands", "[config]") {
    Value value;
    std::vector<Problem> problems;
    REQUIRE(config::parseToml("a = 1\n"
                              "  b   =  \"two\"\n"
                              "\n"
                              "# a comment\n"
                              "[table]\n"
                              "c = [ 1,\n"
                              "      true ]\n"
                              "\"\xC3\xA4\" = 0.5\n",
                              value, problems));
    CHECK(placeOfMember(value, "a") == "1:5");
    CHECK(placeOfMember(value, "b") == "2:10");
    const Value& table = *value.member("table");
    CHECK(placeOfMember(table, "c") == "6:5");
    const auto& list = std::get<Value::List>(table.member("c")->content);
    CHECK(list[0].place.line == 6);
    CHECK(list[1].place.line == 7);
    CHECK(list[1].place.column == 7);
    // Columns count characters, not bytes.
    CHECK(placeOfMember(table, "\xC3\xA4") == "8:7");
}

TEST_CASE("a mistake of syntax is told with its place", "[config]") {
    struct Mistake {
        const char* text;
        int line;
    };
    const auto mistake =
        GENERATE(Mistake{"a = 1\nb =\n", 2}, Mistake{"a = \"open\n", 1}, Mistake{"[table\n", 1},
                 Mistake{"a = 1\na = 2\n", 2}, Mistake{"a = 1\n\nb = 08\n", 3},
                 Mistake{"a = \"\xFF\"\n", 1}, Mistake{"[.a]\n", 1}, Mistake{"[[,]]\n", 1},
                 Mistake{"\xEF\xBB\x9B"
                         "a = 1\n",
                         1},
                 Mistake{"\xCC\xAA", 1});
    Value value;
    std::vector<Problem> problems;
    INFO(mistake.text);
    CHECK_FALSE(config::parseToml(mistake.text, value, problems));
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].place.line == mistake.line);
    CHECK(problems[0].place.column > 0);
    CHECK(problems[0].text.find("is not TOML: ") == 0);
    CHECK(problems[0].text.size() > 20);
}

TEST_CASE("a document that is nested beyond reason does not end the process", "[config]") {
    Value value;
    std::vector<Problem> problems;
    const std::string deep =
        "a = " + std::string(100000, '[') + "1" + std::string(100000, ']') + "\n";
    CHECK_FALSE(config::parseToml(deep, value, problems));
    CHECK(problems.size() == 1);
}
