#include "check/report.h"

#include "base/file.h"

#include <catch2/catch.hpp>

#include <regex>
#include <set>

using namespace hearback;
using namespace hearback::check;

TEST_CASE("every test of the kit has a name of its own, a rule, and words that say it", "[check]") {
    static const std::regex form("[a-z]+/[a-z]+(-[a-z]+)*");
    std::set<std::string> names;
    for (const Test& test : allTests()) {
        const std::string name(test.name);
        INFO(name);
        CHECK(std::regex_match(name, form));
        CHECK(names.insert(name).second);
        CHECK((test.level >= 0 && test.level <= 3));
        CHECK(test.kinds != 0);
        CHECK_FALSE(test.rule.empty());
        CHECK_FALSE(test.page.empty());
        CHECK_FALSE(test.said.empty());
        CHECK(test.run != nullptr);
    }
}

TEST_CASE("a program is spared what can only be told of a library", "[check]") {
    std::set<std::string_view> of_programs;
    for (const Test& test : allTests())
        if (!isOfLibraries(test)) of_programs.insert(test.name);
    for (const char* name : {"load/file", "load/ids", "contract/tables", "life/order",
                             "settings/invalid", "poll/items", "delivery/killed", "http/moved"})
        CHECK(of_programs.count(name) == 1);
    for (const char* name : {"load/one-symbol", "contract/wrong-id", "memory/arguments",
                             "threads/ended", "worker/same", "stress/memory"})
        CHECK(of_programs.count(name) == 0);
}

TEST_CASE("the page for authors has the table of all tests", "[check]") {
    const auto page = base::readFile(HEARBACK_SOURCE_DIR "/docs/check.md", 1 << 20);
    REQUIRE(page);
    // Where it has not: hearback-check --list writes it.
    CHECK(page->find("\n\n" + listText()) != std::string::npos);
}
