// hearback-check.toml as far as it is for a run too: settings, files to read, sample texts. The
// answers of [[http]] are for the kit alone.
#pragma once

#include "base/result.h"
#include "config/value.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace hearback::cli::dev {

struct Plan {
    config::Value settings; // a table; secrets stand in it as they are
    std::vector<std::pair<std::filesystem::path, std::string>> files; // below a working folder
    std::vector<std::string> texts;
    std::int64_t fingerprint = 0; // of all that was read for it
};

// Without the file: an empty plan.
base::Result<Plan> readPlan(const std::filesystem::path& file);

} // namespace hearback::cli::dev
