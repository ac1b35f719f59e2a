// How well a model does on texts that it was not trained on.
#pragma once

#include "hearback/linear/model.h"
#include "hearback/linear/train.h"

#include <map>
#include <string>
#include <vector>

namespace hearback::linear {

struct LabelFigures {
    std::size_t samples = 0;
    std::size_t predicted = 0;
    std::size_t right = 0;
    double precision() const { return predicted == 0 ? 0 : double(right) / double(predicted); }
    double recall() const { return samples == 0 ? 0 : double(right) / double(samples); }
    double f1() const {
        const double sum = precision() + recall();
        return sum == 0 ? 0 : 2 * precision() * recall() / sum;
    }
};

struct Evaluation {
    std::size_t samples = 0;
    std::size_t right = 0;
    std::map<std::string, LabelFigures> labels;
    // confusion[given][predicted]
    std::map<std::string, std::map<std::string, std::size_t>> confusion;
    // Expected calibration error over ten bins: how far confidence and truth are apart.
    double calibration_error = 0;

    double accuracy() const { return samples == 0 ? 0 : double(right) / double(samples); }
    // Over the labels that occur in the samples.
    double macroF1() const;
    double macroRecall() const;
};

Evaluation evaluate(const Model& model, const std::vector<Sample>& samples);

} // namespace hearback::linear
