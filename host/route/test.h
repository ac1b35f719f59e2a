// One test of one field: { field = "rating", op = "<=", value = 2 }.
//
// Text:   is, is not, contains, matches, in, exists. Without regard to case; `matches` takes a
//         regular expression of RE2 (https://github.com/google/re2/wiki/Syntax).
// Label:  is, is not, in, exists.
// Number: is, is not, <, <=, >, >=, exists.
// Truth:  is, is not, exists.
// A message that does not have the field fails every test but `is not` and `exists` with false.
#pragma once

#include "route/condition.h"

namespace hearback::route {

std::unique_ptr<CompiledCondition> compileTest(const config::Condition& test,
                                               const std::vector<KnownClassifier>& classifiers,
                                               Patterns& patterns,
                                               std::vector<config::Problem>& problems);

// "rating <= 2"
std::string describeTest(const config::Condition& test);

} // namespace hearback::route
