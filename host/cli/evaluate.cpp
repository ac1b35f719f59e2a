#include "base/file.h"
#include "cli/evaluation_text.h"
#include "cli/labelled.h"
#include "cli/model_commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

int runEvaluate(const CommonOptions& common, const EvaluateOptions& options) {
    constexpr std::size_t kModelMax = 256 << 20;
    const auto bytes = base::readFile(options.model, kModelMax);
    if (!bytes) {
        complain(bytes.error());
        return kUsage;
    }
    const auto read = linear::Model::read(*bytes);
    if (const auto* problem = std::get_if<std::string>(&read)) {
        complain(options.model + " " + *problem);
        return kUsage;
    }
    const auto file = readLabelled(options.in);
    if (!file) {
        complain(file.error());
        return kUsage;
    }
    const auto& model = std::get<linear::Model>(read);
    const linear::Evaluation evaluation = linear::evaluate(model, file->samples);
    if (common.json) {
        nlohmann::json json = toJson(evaluation);
        json["model"] = model.version();
        std::printf("%s\n", json.dump(2).c_str());
    } else {
        std::printf("%s on %s: %s samples\n%s", model.version().c_str(), options.in.c_str(),
                    grouped(static_cast<std::int64_t>(evaluation.samples)).c_str(),
                    describe(evaluation).c_str());
    }
    return kDone;
}

} // namespace hearback::cli
