// The figures of an evaluation, for people and for programs.
#pragma once

#include "hearback/linear/evaluate.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hearback::cli {

std::string describe(const linear::Evaluation& evaluation);
nlohmann::json toJson(const linear::Evaluation& evaluation);

} // namespace hearback::cli
