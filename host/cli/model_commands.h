// The commands that make and measure models; as those in commands.h.
#pragma once

#include "cli/commands.h"

namespace hearback::cli {

struct TrainOptions {
    std::vector<std::string> in;
    std::string out;
    std::string task;
    std::string name;
    std::string licence;
    std::int64_t bits = 18;
    std::int64_t seed = 1;
    double cost = 2;
    double hold_out = 0.1;
};
int runTrain(const CommonOptions& common, const TrainOptions& options);

struct EvaluateOptions {
    std::string model;
    std::string in;
};
int runEvaluate(const CommonOptions& common, const EvaluateOptions& options);

struct ClassifyOptions {
    std::string plugin;
    std::string in;
    std::string out;
};
int runClassify(const CommonOptions& common, const ClassifyOptions& options);

} // namespace hearback::cli
