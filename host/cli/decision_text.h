// Differences of decisions, written out for people and for programs.
#pragma once

#include "hearback/v1/history.pb.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace hearback::cli {

// A table for labels and one for what rules decide, the most frequent changes first.
std::string describe(const v1::DecisionTally& tally);
nlohmann::json toJson(const v1::DecisionTally& tally);

} // namespace hearback::cli
