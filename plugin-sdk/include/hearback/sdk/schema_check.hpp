// Holds a setting against the JSON Schema that it was declared with: the host has done so already,
// but a plugin does not rely on it.
#pragma once

#include "hearback/sdk/status.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace hearback::detail {

using Json = nlohmann::json;

inline bool isOfType(const Json& value, const std::string& type) {
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "integer") return value.is_number_integer();
    if (type == "number") return value.is_number();
    if (type == "array") return value.is_array();
    if (type == "object") return value.is_object();
    return true;
}

// Letters, not bytes: JSON Schema counts them so.
inline std::size_t lengthOf(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

inline bool isWithin(std::size_t size, const Json& schema, const char* low, const char* high) {
    const auto max = std::numeric_limits<std::size_t>::max();
    return size >= schema.value(low, std::size_t{0}) && size <= schema.value(high, max);
}

// Empty, or what is wrong with the value itself, whatever it holds.
inline std::string problemOf(const Json& value, const Json& schema) {
    if (schema.contains("type") && schema["type"].is_string() &&
        !isOfType(value, schema["type"].get<std::string>()))
        return "has the wrong type, wanted is " + schema["type"].get<std::string>();
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
        return "is none of the choices";
    if (schema.contains("const") && schema["const"] != value) return "is another value than wanted";
    if (value.is_string() &&
        !isWithin(lengthOf(value.get_ref<const std::string&>()), schema, "minLength", "maxLength"))
        return "is too short or too long";
    if (value.is_array() && !isWithin(value.size(), schema, "minItems", "maxItems"))
        return "has too few or too many items";
    if (value.is_number() && ((schema.contains("minimum") && value < schema["minimum"]) ||
                              (schema.contains("maximum") && value > schema["maximum"])))
        return "is out of range";
    return {};
}

inline Status checkSchema(const Json& value, const Json& schema, const std::string& pointer) {
    if (const std::string problem = problemOf(value, schema); !problem.empty())
        return Status::config(pointer, problem);
    if (value.is_array() && schema.contains("items"))
        for (std::size_t i = 0; i < value.size(); ++i) {
            Status item = checkSchema(value[i], schema["items"], pointer + "/" + std::to_string(i));
            if (!item.isOk()) return item;
        }
    if (!value.is_object()) return Status::ok();
    for (const Json& name : schema.value("required", Json::array()))
        if (name.is_string() && !value.contains(name.get<std::string>()))
            return Status::config(pointer + "/" + name.get<std::string>(), "is required");
    const Json known = schema.value("properties", Json::object());
    const Json others = schema.value("additionalProperties", Json(true));
    for (auto member = value.begin(); member != value.end(); ++member) {
        const std::string path = pointer + "/" + member.key();
        const bool is_known = known.contains(member.key());
        if (!is_known && others == false) return Status::config(path, "is not known here");
        if (!is_known && !others.is_object()) continue;
        Status inner = checkSchema(member.value(), is_known ? known[member.key()] : others, path);
        if (!inner.isOk()) return inner;
    }
    return Status::ok();
}

} // namespace hearback::detail
