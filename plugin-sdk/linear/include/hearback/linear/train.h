// From labelled texts to a model. The same input gives the same bytes: one thread, a fixed seed,
// the samples in a fixed order.
#pragma once

#include "hearback/linear/model.h"

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

namespace hearback::linear {

struct Sample {
    std::string label;
    std::string text;
};

struct TrainOptions {
    std::string task;
    std::string name;    // of the model: "sentiment-open"
    nlohmann::json data; // what it is trained on: name, licence, rows, sha256 of each set
    int bits = kDefaultBits;
    double cost = 2; // C of the solver: higher fits the samples more closely
    std::uint32_t seed = 1;
};

// Called with the share that is done, 0 to 1.
using Progress = std::function<void(double)>;

// Or why there can be no model: fewer than two labels, no samples.
std::variant<Model, std::string> train(std::vector<Sample> samples, const TrainOptions& options,
                                       const Progress& progress = {});

} // namespace hearback::linear
