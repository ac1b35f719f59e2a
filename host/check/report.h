// What a run found, for people and for programs.
#pragma once

#include "base/clock.h"
#include "check/judge.h"
#include "check/test.h"

#include <cstdint>
#include <string>
#include <vector>

namespace hearback::check {

struct TestResult {
    Test test;
    Outcome outcome;
    base::Micros took = 0;
    std::string output; // what it wrote to the terminal
};

struct Report {
    std::string file;
    std::string id;
    std::string version;
    std::string kind;
    int level = 0;
    std::uint64_t seed = 0;
    std::string words; // how to run one test of it again, without the test
    std::vector<TestResult> results;
    base::Micros took = 0;
    bool is_interrupted = false;

    std::size_t count(Finding finding) const;
    bool isGood() const; // nothing bad, and not broken off
};

// For a terminal, in pieces: before the first test, after each, and at the end.
std::string headText(const Report& report, bool colours);
std::string lineText(const TestResult& result, bool colours);
std::string endText(const Report& report, bool colours);

std::string jsonText(const Report& report);
// https://github.com/testmoapp/junitxml
std::string junitText(const Report& report);

// All tests as a table in Markdown.
std::string listText();

} // namespace hearback::check
