#include "hearback/mapping/json_record.h"

#include <algorithm>

namespace hearback::mapping {

namespace {

constexpr std::size_t kColumnsMax = 256;
constexpr int kDepthMax = 6;
// Writing JSON goes down by recursion: a body of nothing but brackets would exhaust the stack.
constexpr int kTextDepthMax = 64;

bool isWithin(const nlohmann::json& value, int levels) {
    if (!value.is_structured()) return true;
    return levels > 0 && std::all_of(value.begin(), value.end(), [&](const nlohmann::json& member) {
               return isWithin(member, levels - 1);
           });
}

void add(const std::string& name, const nlohmann::json& value, int depth, Columns& out) {
    if (value.is_null() || out.size() >= kColumnsMax) return;
    if (value.is_string()) {
        out.emplace_back(name, value.get<std::string>());
        return;
    }
    if (value.is_structured() && depth < kDepthMax && !value.empty()) {
        std::size_t index = 0;
        for (auto member = value.begin(); member != value.end(); ++member, ++index) {
            const std::string key = value.is_object() ? member.key() : std::to_string(index);
            add(name.empty() ? key : name + "." + key, member.value(), depth + 1, out);
        }
        return;
    }
    if (!isWithin(value, kTextDepthMax)) return;
    out.emplace_back(name, value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

} // namespace

Columns flatten(const nlohmann::json& object) {
    Columns columns;
    add("", object, 0, columns);
    return columns;
}

} // namespace hearback::mapping
