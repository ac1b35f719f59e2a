// A condition of a rule, checked and compiled once, asked for every message.
#pragma once

#include "config/settings.h"
#include "route/fields.h"
#include "route/patterns.h"

#include <memory>
#include <string>
#include <vector>

namespace hearback::route {

// Whether a condition holds for a message and, where it does not, the first thing that is missing:
// "sentiment is \"negative\", but it is \"positive\"".
struct Verdict {
    bool holds = true;
    std::string because;
};

class CompiledCondition {
  public:
    virtual ~CompiledCondition() = default;
    virtual bool holds(const Subject& subject) const = 0;
    virtual Verdict explain(const Subject& subject) const = 0;
};

// Null where it makes no sense; each reason is a problem with its line and column. What it searches
// texts for is added to the patterns, which are compiled before it is asked.
std::unique_ptr<CompiledCondition> compile(const config::Condition& condition,
                                           const std::vector<KnownClassifier>& classifiers,
                                           Patterns& patterns,
                                           std::vector<config::Problem>& problems);

} // namespace hearback::route
