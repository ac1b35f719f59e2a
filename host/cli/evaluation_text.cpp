#include "cli/evaluation_text.h"

#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

std::string percent(double share) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f", share * 100);
    return text;
}

} // namespace

std::string describe(const linear::Evaluation& evaluation) {
    Table table({"label", "samples", "precision", "recall", "F1", "most often taken for"});
    for (std::size_t column = 1; column <= 4; ++column) table.alignRight(column);
    for (const auto& [label, figures] : evaluation.labels) {
        std::string confused;
        std::size_t most = 0;
        const auto row = evaluation.confusion.find(label);
        if (row != evaluation.confusion.end())
            for (const auto& [other, count] : row->second)
                if (other != label && count > most) {
                    most = count;
                    confused = other + " (" + std::to_string(count) + ")";
                }
        table.add({label, std::to_string(figures.samples), percent(figures.precision()),
                   percent(figures.recall()), percent(figures.f1()), confused});
    }
    return table.text() + "accuracy " + percent(evaluation.accuracy()) + ", macro-F1 " +
           percent(evaluation.macroF1()) + ", macro-recall " + percent(evaluation.macroRecall()) +
           ", calibration error " + percent(evaluation.calibration_error) + "\n";
}

nlohmann::json toJson(const linear::Evaluation& evaluation) {
    auto labels = nlohmann::json::object();
    for (const auto& [label, figures] : evaluation.labels)
        labels[label] = {{"samples", figures.samples},
                         {"precision", figures.precision()},
                         {"recall", figures.recall()},
                         {"f1", figures.f1()}};
    return {{"samples", evaluation.samples},
            {"accuracy", evaluation.accuracy()},
            {"macro_f1", evaluation.macroF1()},
            {"macro_recall", evaluation.macroRecall()},
            {"calibration_error", evaluation.calibration_error},
            {"labels", labels}};
}

} // namespace hearback::cli
