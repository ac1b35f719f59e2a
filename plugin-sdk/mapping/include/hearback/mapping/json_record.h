// A JSON object as columns: members of objects within it are "author.handle", of lists
// "items.0.id".
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hearback::mapping {

using Columns = std::vector<std::pair<std::string, std::string>>; // name, value as text

// At most 256 columns, six levels deep; what lies deeper is JSON text in its column. Nulls are left
// out, and what is nested beyond reason.
Columns flatten(const nlohmann::json& object);

} // namespace hearback::mapping
