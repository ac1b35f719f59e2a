#include "check/report.h"

#include "base/utf8.h"

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::check;
using Catch::Matchers::Contains;

namespace {

Test testNamed(std::string_view name) {
    for (const Test& test : allTests())
        if (test.name == name) return test;
    FAIL("the kit has no test " << name);
    return {};
}

// One of each finding, with what is hard to write.
Report everyFinding() {
    Report report;
    report.file = "/work/reviews.so";
    report.id = "reviews";
    report.version = "1.0.0";
    report.kind = "channel";
    report.level = 2;
    report.seed = 7;
    report.words = "hearback-check /work/reviews.so --seed 7";
    report.took = 2500 * base::kMillisecond;
    report.results = {
        {testNamed("load/file"), {Finding::Passed, {}, {}, {}}, 1000, {}},
        {testNamed("poll/items"),
         {Finding::Failed, "at most 1", "it has 3 <\"&\x01>", {}},
         20000,
         "written\n"},
        {testNamed("batch/parses"), {Finding::Warned, {}, {}, "a & b"}, 0, {}},
        {testNamed("receive/routes"), {Finding::Skipped, {}, {}, "the channel \"x\""}, 0, {}},
        {testNamed("life/walk"), {Finding::Crashed, "it lives", "signal 11 in start()", {}}, 0, {}},
        {testNamed("threads/cancel"),
         {Finding::TimedOut, "it returns", "30 s in poll()", {}},
         0,
         {}},
    };
    return report;
}

} // namespace

TEST_CASE("the report for people tells each failure with its rule and how to see it again",
          "[check]") {
    const Report report = everyFinding();
    CHECK(headText(report, false) == "reviews 1.0.0 (channel), level 2, seed 7\n");
    CHECK(lineText(report.results[1], false) == "  fail    poll/items\n");
    CHECK_THAT(lineText(report.results[3], false), Contains("the channel \"x\""));
    const std::string end = endText(report, false);
    CHECK_THAT(end, Contains("rule      A batch has at most max_items messages"));
    CHECK_THAT(end, Contains("expected  at most 1"));
    CHECK_THAT(end, Contains("hearback/plugin/source.h"));
    // In one line, to be copied.
    CHECK_THAT(end, Contains("    again     " + report.words + " --include '^poll/items$'\n"));
    CHECK_THAT(end, Contains("6 tests in 2.5 s: 1 passed, 1 failed, 1 crashed, 1 timed out, "
                             "1 warned of, 1 skipped"));
    CHECK_THAT(end, !Contains("\x1b"));
    CHECK_THAT(endText(report, true), Contains("\x1b[31m"));
}

TEST_CASE("a run is good where nothing failed, crashed, hung or was broken off", "[check]") {
    Report report = everyFinding();
    CHECK_FALSE(report.isGood());
    report.results.resize(1);
    CHECK(report.isGood());
    report.results.push_back(everyFinding().results[2]);
    report.results.push_back(everyFinding().results[3]);
    CHECK(report.isGood());
    report.is_interrupted = true;
    CHECK_FALSE(report.isGood());
    CHECK_THAT(endText(report, false), Contains("broken off"));
}

TEST_CASE("the report as JSON says the same to programs", "[check]") {
    const auto json = nlohmann::json::parse(jsonText(everyFinding()));
    CHECK(json["plugin"] == "reviews");
    CHECK(json["seed"] == 7);
    CHECK(json["level"] == 2);
    CHECK(json["good"] == false);
    for (const char* finding : {"pass", "fail", "warn", "skip", "crash", "timeout"})
        CHECK(json["summary"][finding] == 1);
    REQUIRE(json["tests"].size() == 6);
    const auto& failed = json["tests"][1];
    CHECK(failed["name"] == "poll/items");
    CHECK(failed["result"] == "fail");
    CHECK(failed["expected"] == "at most 1");
    CHECK(failed["happened"] == "it has 3 <\"&\x01>");
    CHECK(failed["output"] == "written\n");
    CHECK_FALSE(json["tests"][0].contains("happened"));
    CHECK(json["tests"][3]["reason"] == "the channel \"x\"");
}

TEST_CASE("the report as JUnit is XML whatever a plugin says", "[check]") {
    pugi::xml_document document;
    REQUIRE(document.load_string(junitText(everyFinding()).c_str()));
    const auto suite = document.child("testsuites").child("testsuite");
    CHECK(suite.attribute("name").as_string() == std::string("reviews"));
    CHECK(suite.attribute("tests").as_int() == 6);
    CHECK(suite.attribute("failures").as_int() == 1);
    CHECK(suite.attribute("errors").as_int() == 2);
    CHECK(suite.attribute("skipped").as_int() == 1);
    const auto named = [&](const char* name) {
        return suite.find_child_by_attribute("testcase", "name", name);
    };
    CHECK(named("load/file").first_child().empty());
    CHECK(named("poll/items").attribute("classname").as_string() == std::string("poll"));
    CHECK(named("poll/items").child("failure").attribute("message").as_string() ==
          std::string("it has 3 <\"& >"));
    CHECK(named("poll/items").child("system-out").text().as_string() == std::string("written\n"));
    CHECK(named("life/walk").child("error").attribute("type").as_string() == std::string("crash"));
    CHECK(named("threads/cancel").child("error").attribute("type").as_string() ==
          std::string("timeout"));
    CHECK(named("receive/routes").child("skipped").attribute("message").as_string() ==
          std::string("the channel \"x\""));
    CHECK_THAT(named("batch/parses").child("system-out").text().as_string(), Contains("a & b"));
}

TEST_CASE("what a plugin says that is no UTF-8 spoils no report", "[check]") {
    Report report = everyFinding();
    report.results[1].outcome.happened = "it says \xff\xfe";
    report.results[1].output = "\xc3";
    CHECK(nlohmann::json::accept(jsonText(report)));
    CHECK(base::isUtf8(junitText(report)));
    CHECK(base::isUtf8(endText(report, false)));
}

TEST_CASE("what a plugin says steers no terminal", "[check]") {
    Report report = everyFinding();
    report.results[1].outcome.happened = "it says \x1b[2J";
    report.results[1].output = "\x1b]0;title\x07";
    report.results[3].outcome.reason = "\x1b[1A";
    std::string all = endText(report, false);
    for (const TestResult& each : report.results) all += lineText(each, false);
    CHECK_THAT(all, !Contains("\x1b") && !Contains("\x07"));
}
