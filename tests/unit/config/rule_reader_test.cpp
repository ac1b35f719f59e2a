#include "config/settings.h"

#include <catch2/catch.hpp>

using namespace hearback;
using config::Condition;
using config::Loaded;

namespace {

Loaded readOneRule(const std::string& members) {
    return config::parseSettings("[[route]]\nname = \"r\"\nteam = \"t\"\n" + members, "/");
}

std::vector<std::string> linesOf(const Loaded& loaded) {
    std::vector<std::string> lines;
    for (const auto& each : loaded.problems)
        lines.push_back(std::to_string(each.place.line) + ":" + std::to_string(each.place.column) +
                        " " + each.path + " " + each.text);
    return lines;
}

std::string nested(int depth) {
    std::string text = "{ field = \"text\", op = \"is\", value = \"x\" }";
    for (int i = 1; i < depth; ++i) text = "{ not = " + text + " }";
    return "when = " + text + "\n";
}

using Lines = std::vector<std::string>;

} // namespace

TEST_CASE("a rule is read as it was written", "[config]") {
    const Loaded loaded =
        config::parseSettings("[[sink]]\nname = \"crm\"\nplugin = \"webhook-out\"\n"
                              "[[route]]\n"
                              "name = \"angry\"\n"
                              "team = \"support\"\n"
                              "priority = \"high\"\n"
                              "tags = [\"a\", \"b\"]\n"
                              "sinks = [\"crm\"]\n"
                              "stop = true\n"
                              "[route.when]\n"
                              "all = [\n"
                              "  { field = \"rating\", op = \"<=\", value = 2 },\n"
                              "  { any = [ { field = \"text\", op = \"exists\" } ] },\n"
                              "  { not = { field = \"spam\", op = \"is\", value = \"yes\" } },\n"
                              "]\n",
                              "/");
    CHECK(linesOf(loaded) == Lines{});
    REQUIRE(loaded.settings.rules.size() == 1);
    const config::RuleSettings& rule = loaded.settings.rules[0];
    CHECK(rule.name == "angry");
    CHECK(rule.team == "support");
    CHECK(rule.priority == "high");
    CHECK(rule.tags == Lines{"a", "b"});
    CHECK(rule.sinks == Lines{"crm"});
    CHECK(rule.stop);
    CHECK(rule.when.kind == Condition::Kind::All);
    REQUIRE(rule.when.parts.size() == 3);
    const Condition& test = rule.when.parts[0];
    CHECK(test.kind == Condition::Kind::Test);
    CHECK(test.field == "rating");
    CHECK(test.op == "<=");
    CHECK(std::get<std::int64_t>(test.value.content) == 2);
    CHECK(test.path == "route[0].when.all[0]");
    CHECK(test.place.line == 13);
    CHECK(rule.when.parts[1].kind == Condition::Kind::Any);
    CHECK(rule.when.parts[1].parts[0].path == "route[0].when.all[1].any[0]");
    CHECK(rule.when.parts[2].kind == Condition::Kind::Not);
    CHECK(rule.when.parts[2].parts[0].path == "route[0].when.all[2].not");
}

TEST_CASE("a rule without a condition is for every message", "[config]") {
    const Loaded loaded = readOneRule("");
    CHECK(linesOf(loaded) == Lines{});
    CHECK(loaded.settings.rules[0].when.kind == Condition::Kind::All);
    CHECK(loaded.settings.rules[0].when.parts.empty());
}

TEST_CASE("a rule that does nothing is a mistake", "[config]") {
    const auto loaded = config::parseSettings("[[route]]\nname = \"r\"\n", "/");
    CHECK(linesOf(loaded) ==
          Lines{"1:1 route[0] does nothing: give it a team, a priority, tags or sinks"});
    const auto stops = config::parseSettings("[[route]]\nname = \"r\"\nstop = true\n", "/");
    CHECK(linesOf(stops) == Lines{});
}

TEST_CASE("a condition may be nested eight deep and not deeper", "[config]") {
    CHECK(linesOf(readOneRule(nested(8))) == Lines{});
    const Lines lines = linesOf(readOneRule(nested(9)));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("conditions are nested more than 8 deep") != std::string::npos);
}

TEST_CASE("a condition of a wrong shape is told with its place", "[config]") {
    CHECK(linesOf(readOneRule("when = \"always\"\n")) ==
          Lines{"4:8 route[0].when must be a condition: { field = \"sentiment\", op = \"is\", "
                "value = \"negative\" }, or all, any, not"});
    CHECK(linesOf(readOneRule("when = { all = [] }\n")) ==
          Lines{"4:16 route[0].when.all must be a list of conditions"});
    CHECK(linesOf(readOneRule("when = { any = { field = \"x\" } }\n")) ==
          Lines{"4:16 route[0].when.any must be a list of conditions"});
    CHECK(linesOf(readOneRule("when = { not = [] }\n")).size() == 1);
    CHECK(linesOf(readOneRule("when = { }\n")) ==
          Lines{"4:8 route[0].when.field is required", "4:8 route[0].when.op is required"});
    CHECK(linesOf(readOneRule("when = { field = \"text\", opp = \"is\" }\n")) ==
          Lines{"4:8 route[0].when.op is required",
                "4:32 route[0].when.opp is no setting (did you mean \"op\"?)"});
}

TEST_CASE("a condition that mixes shapes is a mistake", "[config]") {
    const Lines lines = linesOf(
        readOneRule("when = { all = [ { field = \"text\", op = \"exists\" } ], field = \"x\" }\n"));
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].find("route[0].when.field is no setting") != std::string::npos);
    const Lines both =
        linesOf(readOneRule("when = { all = [ { field = \"text\", op = \"exists\" } ], "
                            "any = [ { field = \"text\", op = \"exists\" } ] }\n"));
    REQUIRE(both.size() == 1);
    CHECK(both[0].find("route[0].when.any is no setting") != std::string::npos);
}
