// Settings that a schema allows, and settings that it does not.
#pragma once

#include "base/random.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace hearback::check {

// One thing wrong, and where: "/url" for a member of that name, "" for the whole.
struct WrongSettings {
    std::string json;
    std::string path;
    std::string what; // "is a number"
};
// Everything that can be wrong with `valid` (which fits the schema), one at a time.
std::vector<WrongSettings> wrongVariants(const nlohmann::json& valid, const nlohmann::json& schema);

// Any settings that the schema allows.
nlohmann::json anySettings(const nlohmann::json& schema, base::Random& random);

} // namespace hearback::check
