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

std::string tableOf(const Changes& changes, const char* what) {
    if (changes.empty()) return "";
    Table table({what, "from", "to", "messages", "such as"});
    table.alignRight(3);
    for (std::size_t i = 0; i < changes.size() && i < kShownMax; ++i) {
        const v1::DecisionChange& each = *changes[i];
        std::vector<std::string> cells = {isLabel(each) ? each.classifier() : each.subject(),
                                          orNone(each.from()), orNone(each.to()),
                                          grouped(each.count()), ""};
        for (int k = 0; k == 0 || k < each.examples_size(); ++k) {
            if (k > 0) cells.assign(4, "");
            cells.resize(5);
            if (k < each.examples_size()) {
                const v1::DecisionExample& example = each.examples(k);
                cells[4] = std::to_string(example.message_id()) + " " + fitTo(example.text(), 48);
            }
            table.add(cells);
        }
    }
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
