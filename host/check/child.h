// The side of the process in which one test runs.
#pragma once

#include "check/bench.h"
#include "check/test.h"

namespace hearback::check {

// Runs the test in this process and ends it. What it found goes to kResultDescriptor; where a fault
// or a request to end comes, the function of the plugin that was under way goes there first.
[[noreturn]] void runAsChild(const Test& test, BenchParts parts);

// The same for a debugger: no signal is taken, and what it found is written for people. Returns
// what the program ends with only by ending it.
[[noreturn]] void runInProcess(const Test& test, BenchParts parts);

// The files of the plan, in the working folder.
bool makeFiles(const Plan& plan, std::string& problem);

} // namespace hearback::check
