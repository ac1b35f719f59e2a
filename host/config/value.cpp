#include "config/value.h"

#include <nlohmann/json.hpp>

#include <charconv>

namespace hearback::config {

const Value* Value::member(std::string_view key) const {
    const auto* table = std::get_if<Table>(&content);
    if (table == nullptr) return nullptr;
    for (const auto& [name, value] : *table)
        if (name == key) return &value;
    return nullptr;
}

const char* Value::kind() const {
    constexpr const char* kNames[] = {"true or false", "an integer", "a number",
                                      "text",          "a list",     "a table"};
    return kNames[content.index()];
}

nlohmann::json toJson(const Value& value) {
    return std::visit(
        [](const auto& content) -> nlohmann::json {
            using T = std::decay_t<decltype(content)>;
            if constexpr (std::is_same_v<T, Value::List>) {
                auto json = nlohmann::json::array();
                for (const Value& item : content) json.push_back(toJson(item));
                return json;
            } else if constexpr (std::is_same_v<T, Value::Table>) {
                auto json = nlohmann::json::object();
                for (const auto& [key, member] : content) json[key] = toJson(member);
                return json;
            } else {
                return content;
            }
        },
        value.content);
}

Place placeOf(const Value& value, std::string_view pointer) {
    const Value* at = &value;
    while (!pointer.empty()) {
        pointer.remove_prefix(1);
        const auto end = pointer.find('/');
        const std::string key(pointer.substr(0, end));
        pointer = end == std::string_view::npos ? std::string_view() : pointer.substr(end);
        const Value* next = at->member(key);
        if (const auto* list = std::get_if<Value::List>(&at->content)) {
            std::size_t index = 0;
            const auto [last, error] = std::from_chars(key.data(), key.data() + key.size(), index);
            if (error == std::errc() && last == key.data() + key.size() && index < list->size())
                next = &(*list)[index];
        }
        if (next == nullptr) break;
        at = next;
    }
    return at->place;
}

} // namespace hearback::config
