// The only file that knows the TOML library.
#include "config/value.h"

#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#include <toml++/toml.h>

#include <sstream>

namespace hearback::config {

namespace {

// What toml++ parses it also nests; a configuration is never this deep.
constexpr int kDepthMax = 32;

Place toPlace(const toml::source_region& region) {
    return {static_cast<int>(region.begin.line), static_cast<int>(region.begin.column)};
}

std::string dateText(const toml::node& node) {
    std::ostringstream text;
    if (const auto* date = node.as_date()) text << date->get();
    if (const auto* time = node.as_time()) text << time->get();
    if (const auto* both = node.as_date_time()) text << both->get();
    return text.str();
}

Value toValue(const toml::node& node, int depth) {
    const Place place = toPlace(node.source());
    if (const auto* text = node.as_string()) return {text->get(), place};
    if (const auto* integer = node.as_integer()) return {std::int64_t{integer->get()}, place};
    if (const auto* number = node.as_floating_point()) return {number->get(), place};
    if (const auto* truth = node.as_boolean()) return {truth->get(), place};
    if (const auto* list = node.as_array()) {
        Value::List items;
        if (depth < kDepthMax)
            for (const toml::node& item : *list) items.push_back(toValue(item, depth + 1));
        return {std::move(items), place};
    }
    if (const auto* table = node.as_table()) {
        Value::Table members;
        if (depth < kDepthMax)
            for (const auto& [key, member] : *table)
                members.emplace_back(std::string(key.str()), toValue(member, depth + 1));
        return {std::move(members), place};
    }
    return {dateText(node), place};
}

} // namespace

bool parseToml(std::string_view text, Value& value, std::vector<Problem>& problems) {
    const toml::parse_result parsed = toml::parse(text);
    if (!parsed) {
        const toml::parse_error& error = parsed.error();
        problems.push_back(
            {toPlace(error.source()), "", "is not TOML: " + std::string(error.description())});
        return false;
    }
    value = toValue(parsed.table(), 0);
    return true;
}

} // namespace hearback::config
