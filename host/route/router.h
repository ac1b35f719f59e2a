// The stage that applies the rules: team, priority, tags and sinks of every message.
//
// All rules look at the same message; none sees what another one decided. They are taken in the
// order of the configuration: the first one that names a team or a priority wins, tags and sinks
// add up, and a rule with `stop` ends the list where it matches.
#pragma once

#include "config/settings.h"
#include "pipeline/stages.h"
#include "route/condition.h"

#include <memory>
#include <string>
#include <vector>

namespace hearback::route {

// What one rule did with a message.
struct RuleReport {
    std::string rule;
    bool matched = false;
    bool looked_at = true; // false: an earlier rule stopped the list
    std::string because;   // why it did not match
    std::string gives;     // what it gives: "team support, priority high, sinks crm"
};

class Router final : public pipeline::Stage {
  public:
    // Checks and compiles the rules; with problems, the router must not be used.
    Router(const std::vector<config::RuleSettings>& rules,
           const std::vector<KnownClassifier>& classifiers, const std::vector<std::string>& sinks,
           std::vector<config::Problem>& problems);
    ~Router() override;

    void process(std::vector<pipeline::Batch>& group) override;
    v1::Route route(const pipeline::Item& item) const;
    std::vector<RuleReport> explain(const pipeline::Item& item) const;
    // Of the rules, in their order.
    std::vector<std::string> names() const;

  private:
    struct Rule;
    Patterns patterns_;
    std::vector<Rule> rules_;
};

} // namespace hearback::route
