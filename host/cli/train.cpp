#include "base/file.h"
#include "cli/evaluation_text.h"
#include "cli/labelled.h"
#include "cli/model_commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include "hearback/linear/evaluate.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace hearback::cli {

namespace {

// Every n-th sample, so that the same ones are held out each time.
void holdOut(std::vector<linear::Sample>& samples, double share,
             std::vector<linear::Sample>& held_out) {
    if (share <= 0) return;
    const auto step = static_cast<std::size_t>(1 / share);
    std::vector<linear::Sample> kept;
    for (std::size_t i = 0; i < samples.size(); ++i)
        (i % step == step - 1 ? held_out : kept).push_back(std::move(samples[i]));
    samples = std::move(kept);
}

} // namespace

int runTrain(const CommonOptions& common, const TrainOptions& options) {
    linear::TrainOptions training;
    training.task = options.task;
    training.name = options.name.empty() ? options.task : options.name;
    training.bits = static_cast<int>(options.bits);
    training.cost = options.cost;
    training.seed = static_cast<std::uint32_t>(options.seed);
    training.data = nlohmann::json::array();
    std::vector<linear::Sample> samples;
    for (const std::string& path : options.in) {
        auto file = readLabelled(path);
        if (!file) {
            complain(file.error());
            return kUsage;
        }
        training.data.push_back({{"name", std::filesystem::path(path).filename().string()},
                                 {"sha256", file->sha256},
                                 {"samples", file->samples.size()},
                                 {"licence", options.licence}});
        samples.insert(samples.end(), file->samples.begin(), file->samples.end());
    }
    std::vector<linear::Sample> held_out;
    const std::vector<linear::Sample> all = samples;
    holdOut(samples, options.hold_out, held_out);
    ProgressLine line("training");
    const auto progress = [&](double share) {
        line.show(static_cast<std::int64_t>(share * 1000), 1000, "");
    };
    // First on a part, to say how well it does on texts that it has not seen; then on everything.
    linear::Evaluation evaluation;
    if (!held_out.empty()) {
        const auto trial = linear::train(samples, training, progress);
        if (const auto* problem = std::get_if<std::string>(&trial)) {
            complain(*problem);
            return kUsage;
        }
        evaluation = linear::evaluate(std::get<linear::Model>(trial), held_out);
    }
    const auto trained = linear::train(all, training, progress);
    if (const auto* problem = std::get_if<std::string>(&trained)) {
        complain(*problem);
        return kUsage;
    }
    const linear::Model& model = std::get<linear::Model>(trained);
    const auto written = base::writeFile(options.out, model.write());
    if (!written) {
        complain(written.error());
        return kFailed;
    }
    if (common.json) {
        nlohmann::json json = {{"model", options.out},
                               {"version", model.version()},
                               {"labels", model.labels()},
                               {"samples", all.size()}};
        if (!held_out.empty()) json["held_out"] = toJson(evaluation);
        std::printf("%s\n", json.dump(2).c_str());
        return kDone;
    }
    std::printf("%s: %s, %s samples, %zu labels\n", options.out.c_str(), model.version().c_str(),
                grouped(static_cast<std::int64_t>(all.size())).c_str(), model.labels().size());
    if (!held_out.empty()) {
        std::printf("on %s held-out samples, of a model trained without them:\n",
                    grouped(static_cast<std::int64_t>(held_out.size())).c_str());
        std::printf("%s", describe(evaluation).c_str());
    }
    return kDone;
}

} // namespace hearback::cli
