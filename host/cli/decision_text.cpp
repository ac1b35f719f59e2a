#include "cli/decision_text.h"

#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace hearback::cli {

namespace {

using Changes = std::vector<const v1::DecisionChange*>;

// Of each kind at most, on a terminal.
constexpr std::size_t kShownMax = 25;

bool isLabel(const v1::DecisionChange& change) { return change.subject() == "label"; }

Changes sorted(const v1::DecisionTally& tally, bool labels) {
    Changes changes;
    for (const v1::DecisionChange& each : tally.changes())
        if (isLabel(each) == labels) changes.push_back(&each);
    std::stable_sort(changes.begin(), changes.end(),
                     [](const auto* a, const auto* b) { return a->count() > b->count(); });
    return changes;
}

std::string orNone(const std::string& text) { return text.empty() ? "(none)" : fitTo(text, 40); }

// A change, and its examples below each other.
void add(Table& table, const v1::DecisionChange& change) {
    std::vector<std::string> cells = {isLabel(change) ? change.classifier() : change.subject(),
                                      orNone(change.from()), orNone(change.to()),
                                      grouped(change.count())};
    for (const v1::DecisionExample& example : change.examples()) {
        cells.push_back(std::to_string(example.message_id()) + " " + fitTo(example.text(), 48));
        table.add(cells);
        cells.assign(4, "");
    }
    if (change.examples().empty()) table.add(cells);
}

std::string tableOf(const Changes& changes, const char* what) {
    if (changes.empty()) return "";
    std::vector<std::string> head = {what, "from", "to", "messages"};
    if (!changes.front()->examples().empty()) head.emplace_back("such as");
    Table table(head);
    table.alignRight(3);
    for (std::size_t i = 0; i < changes.size() && i < kShownMax; ++i) add(table, *changes[i]);
    std::string text = "\n" + table.text();
    if (changes.size() > kShownMax)
        text += "and " + grouped(static_cast<std::int64_t>(changes.size() - kShownMax)) +
                " kinds more: --json shows all\n";
    return text;
}

} // namespace

std::string describe(const v1::DecisionTally& tally) {
    std::string text =
        tableOf(sorted(tally, true), "label of") + tableOf(sorted(tally, false), "route");
    if (tally.further() > 0)
        text += grouped(tally.further()) + " changes of further kinds were only counted\n";
    return text;
}

nlohmann::json toJson(const v1::DecisionTally& tally) {
    auto changes = nlohmann::json::array();
    for (const bool labels : {true, false}) {
        for (const v1::DecisionChange* each : sorted(tally, labels)) {
            auto examples = nlohmann::json::array();
            for (const v1::DecisionExample& example : each->examples())
                examples.push_back({{"id", example.message_id()}, {"text", example.text()}});
            nlohmann::json json = {{"subject", each->subject()},
                                   {"from", each->from()},
                                   {"to", each->to()},
                                   {"count", each->count()},
                                   {"examples", examples}};
            if (labels) json["classifier"] = each->classifier();
            changes.push_back(std::move(json));
        }
    }
    return {{"messages", tally.messages()},
            {"changed", tally.changed()},
            {"further", tally.further()},
            {"changes", changes}};
}

} // namespace hearback::cli
