#include "route/router.h"

#include "base/suggest.h"

#include <algorithm>

namespace hearback::route {

struct Router::Rule {
    std::string name;
    std::unique_ptr<CompiledCondition> condition;
    v1::Route gives;
    bool has_priority = false;
    bool stop = false;
};

namespace {

const std::vector<std::string> kPriorities = {"normal", "low", "high", "urgent"};

template <class List>
void addMissing(const List& from, List* to) {
    for (const std::string& each : from)
        if (std::find(to->begin(), to->end(), each) == to->end()) *to->Add() = each;
}

std::string describeGift(const v1::Route& gives, bool has_priority) {
    std::string text;
    const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
    if (!gives.team().empty()) add("team " + gives.team());
    if (has_priority) add("priority " + kPriorities[static_cast<std::size_t>(gives.priority())]);
    for (const std::string& tag : gives.tags()) add("tag " + tag);
    for (const std::string& sink : gives.sinks()) add("sink " + sink);
    return text;
}

} // namespace

Router::Router(const std::vector<config::RuleSettings>& rules,
               const std::vector<KnownClassifier>& classifiers,
               const std::vector<std::string>& sinks, std::vector<config::Problem>& problems) {
    for (const config::RuleSettings& settings : rules) {
        Rule& rule = rules_.emplace_back();
        rule.name = settings.name;
        rule.stop = settings.stop;
        rule.condition = compile(settings.when, classifiers, patterns_, problems);
        rule.gives.set_team(settings.team);
        for (const std::string& tag : settings.tags) rule.gives.add_tags(tag);
        if (!settings.priority.empty()) {
            const auto found = std::find(kPriorities.begin(), kPriorities.end(), settings.priority);
            rule.has_priority = found != kPriorities.end();
            if (rule.has_priority)
                rule.gives.set_priority(static_cast<v1::Priority>(found - kPriorities.begin()));
            else
                problems.push_back({settings.priority_place, settings.path + ".priority",
                                    "must be \"low\", \"normal\", \"high\" or \"urgent\""});
        }
        for (const std::string& sink : settings.sinks) {
            rule.gives.add_sinks(sink);
            if (std::find(sinks.begin(), sinks.end(), sink) == sinks.end())
                problems.push_back(
                    {settings.sinks_place, settings.path + ".sinks",
                     "there is no sink \"" + sink + "\"" + base::suggest(sink, sinks)});
        }
    }
    patterns_.compile();
}

Router::~Router() = default;

void Router::process(std::vector<pipeline::Batch>& group) {
    for (pipeline::Batch& batch : group)
        for (pipeline::Item& item : batch.items) item.route = route(item);
}

v1::Route Router::route(const pipeline::Item& item) const {
    v1::Route route;
    bool has_priority = false;
    const Subject subject(item, patterns_);
    for (const Rule& rule : rules_) {
        if (!rule.condition->holds(subject)) continue;
        route.add_rules(rule.name);
        if (route.team().empty()) route.set_team(rule.gives.team());
        if (rule.has_priority && !has_priority) {
            route.set_priority(rule.gives.priority());
            has_priority = true;
        }
        addMissing(rule.gives.tags(), route.mutable_tags());
        addMissing(rule.gives.sinks(), route.mutable_sinks());
        if (rule.stop) break;
    }
    return route;
}

std::vector<RuleReport> Router::explain(const pipeline::Item& item) const {
    std::vector<RuleReport> reports;
    bool stopped = false;
    const Subject subject(item, patterns_);
    for (const Rule& rule : rules_) {
        RuleReport& report = reports.emplace_back();
        report.rule = rule.name;
        report.gives = describeGift(rule.gives, rule.has_priority);
        report.looked_at = !stopped;
        if (stopped) {
            report.because = "an earlier rule that matched says stop";
            continue;
        }
        const Verdict verdict = rule.condition->explain(subject);
        report.matched = verdict.holds;
        report.because = verdict.because;
        stopped = verdict.holds && rule.stop;
    }
    return reports;
}

std::vector<std::string> Router::names() const {
    std::vector<std::string> names;
    for (const Rule& rule : rules_) names.push_back(rule.name);
    return names;
}

} // namespace hearback::route
