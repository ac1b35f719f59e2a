#include "config/value.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace hearback;
using config::Place;
using config::Value;

namespace {

Value tomlOf(const std::string& text) {
    Value value;
    std::vector<config::Problem> problems;
    REQUIRE(config::parseToml(text, value, problems));
    REQUIRE(problems.empty());
    return value;
}

std::string placeText(const Place& place) {
    return std::to_string(place.line) + ":" + std::to_string(place.column);
}

} // namespace

TEST_CASE("settings reach a plugin as JSON of the same shape", "[config]") {
    const Value value = tomlOf("text = \"a\"\nwhole = 3\nreal = 0.5\ntruth = true\n"
                               "list = [1, \"two\", [3]]\nday = 2026-03-02\n[table]\nkey = 1\n");
    CHECK(config::toJson(value) == nlohmann::json::parse(R"({"text": "a", "whole": 3, "real": 0.5,
        "truth": true, "list": [1, "two", [3]], "day": "2026-03-02", "table": {"key": 1}})"));
    CHECK(config::toJson(value)["whole"].is_number_integer());
    CHECK(config::toJson(Value()) == nlohmann::json::object());
}

TEST_CASE("a JSON pointer leads to the place where the value stands", "[config]") {
    const Value value = tomlOf("url = \"x\"\n"
                               "[deep]\n"
                               "rules = [ { label = \"a\" }, { label = \"b\" } ]\n");
    CHECK(placeText(config::placeOf(value, "/url")) == "1:7");
    CHECK(placeText(config::placeOf(value, "/deep/rules/0/label")) == "3:21");
    CHECK(placeText(config::placeOf(value, "/deep/rules/1/label")) == "3:38");
}

TEST_CASE("a JSON pointer that leads nowhere gives the nearest place above", "[config]") {
    const Value value = tomlOf("[deep]\nrules = [ { label = \"a\" } ]\n");
    CHECK(placeText(config::placeOf(value, "/deep/rules/0/missing/more")) ==
          placeText(config::placeOf(value, "/deep/rules/0")));
    CHECK(placeText(config::placeOf(value, "/deep/rules/7")) ==
          placeText(config::placeOf(value, "/deep/rules")));
    CHECK(placeText(config::placeOf(value, "/deep/rules/label")) ==
          placeText(config::placeOf(value, "/deep/rules")));
    CHECK(placeText(config::placeOf(value, "")) == placeText(value.place));
}
