#include "unit/route/rules_under_test.h"

using namespace hearback;
using Rules = hearback::testing::RulesUnderTest;

namespace {

using Lines = std::vector<std::string>;

Lines linesOf(const google::protobuf::RepeatedPtrField<std::string>& list) {
    return {list.begin(), list.end()};
}

std::string rule(const std::string& name, const std::string& members,
                 const std::string& word = "") {
    return "[[route]]\nname = \"" + name + "\"\n" + members +
           (word.empty()
                ? ""
                : "when = { field = \"text\", op = \"contains\", value = \"" + word + "\" }\n");
}

} // namespace

TEST_CASE("the first rule that names a team or a priority wins", "[route]") {
    const Rules rules(rule("tags", "tags = [\"x\"]\n") + rule("no", "team = \"a\"\n", "absent") +
                      rule("first", "team = \"b\"\n", "lamp") +
                      rule("second", "team = \"c\"\npriority = \"high\"\n", "lamp") +
                      rule("third", "priority = \"low\"\n"));
    const v1::Route route = rules.router().route(Rules::item("a lamp"));
    CHECK(route.team() == "b");
    CHECK(route.priority() == v1::PRIORITY_HIGH);
    CHECK(linesOf(route.rules()) == Lines{"tags", "first", "second", "third"});
}

TEST_CASE("a rule may say that the priority is normal", "[route]") {
    const Rules rules(rule("calm", "priority = \"normal\"\n", "lamp") +
                      rule("all", "priority = \"urgent\"\n"));
    CHECK(rules.router().route(Rules::item("a lamp")).priority() == v1::PRIORITY_NORMAL);
    CHECK(rules.router().route(Rules::item("a bulb")).priority() == v1::PRIORITY_URGENT);
    CHECK(Rules(rule("low", "priority = \"low\"\n")).router().route(Rules::item()).priority() ==
          v1::PRIORITY_LOW);
}

TEST_CASE("tags and sinks of all rules that match add up without repetition", "[route]") {
    const Rules rules(rule("one", "tags = [\"b\", \"a\"]\nsinks = [\"crm\"]\n") +
                      rule("two", "tags = [\"a\", \"c\"]\nsinks = [\"crm\", \"archive\"]\n") +
                      rule("no", "tags = [\"d\"]\n", "absent"));
    const v1::Route route = rules.router().route(Rules::item("a lamp"));
    CHECK(linesOf(route.tags()) == Lines{"b", "a", "c"});
    CHECK(linesOf(route.sinks()) == Lines{"crm", "archive"});
}

TEST_CASE("after a rule with stop that matches no other is looked at", "[route]") {
    const Rules rules(rule("stop", "stop = true\n", "spam") + rule("rest", "team = \"a\"\n"));
    const v1::Route stopped = rules.router().route(Rules::item("spam"));
    CHECK(stopped.team().empty());
    CHECK(linesOf(stopped.rules()) == Lines{"stop"});
    CHECK(rules.router().route(Rules::item("ham")).team() == "a");
}

TEST_CASE("an explanation has every rule in order with what it gives", "[route]") {
    const Rules rules(rule("no", "team = \"a\"\n", "absent") +
                      rule("yes",
                           "team = \"b\"\npriority = \"high\"\ntags = [\"t\"]\n"
                           "sinks = [\"crm\"]\nstop = true\n",
                           "lamp") +
                      rule("late", "priority = \"low\"\n"));
    const auto reports = rules.router().explain(Rules::item("lamp"));
    REQUIRE(reports.size() == 3);
    CHECK(reports[0].rule == "no");
    CHECK(reports[0].looked_at);
    CHECK_FALSE(reports[0].matched);
    CHECK(reports[0].because == "text contains \"absent\", but it is \"lamp\"");
    CHECK(reports[1].matched);
    CHECK(reports[1].because.empty());
    CHECK(reports[1].gives == "team b, priority high, tag t, sink crm");
    CHECK_FALSE(reports[2].looked_at);
    CHECK_FALSE(reports[2].matched);
    CHECK(reports[2].because == "an earlier rule that matched says stop");
    CHECK(reports[2].gives == "priority low");
}

TEST_CASE("the stage gives every message of every batch its route", "[route]") {
    std::vector<config::Problem> problems;
    const auto loaded = config::parseSettings(rule("lamps", "team = \"a\"\n", "lamp"), "/");
    route::Router router(loaded.settings.rules, {}, {}, problems);
    std::vector<pipeline::Batch> group(2);
    group[0].items.push_back(Rules::item("a lamp"));
    group[0].items.push_back(Rules::item("a bulb"));
    group[1].items.push_back(Rules::item("lamps"));
    // A route of before is not kept.
    group[0].items[1].route.set_team("old");
    router.process(group);
    CHECK(group[0].items[0].route.team() == "a");
    CHECK(group[0].items[1].route.team().empty());
    CHECK(group[1].items[0].route.team() == "a");
}

TEST_CASE("a sink or a priority that does not exist is a mistake", "[route]") {
    const Rules rules(rule("r", "sinks = [\"crn\", \"archive\"]\npriority = \"highest\"\n"));
    CHECK(rules.problems() ==
          Lines{"4:12 route[0].priority must be \"low\", \"normal\", \"high\" or \"urgent\"",
                "3:9 route[0].sinks there is no sink \"crn\" (did you mean \"crm\"?)"});
}
