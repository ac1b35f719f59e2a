// One [[route]] of the configuration. Its shape is read here; whether its fields, operators and
// labels exist is told when the rules are compiled (route/).
#pragma once

#include "config/settings.h"
#include "config/table_reader.h"

namespace hearback::config {

// Deeper conditions are refused: nobody would understand them.
inline constexpr int kConditionDepthMax = 8;

RuleSettings readRule(TableReader& in, std::vector<Problem>& problems);

} // namespace hearback::config
