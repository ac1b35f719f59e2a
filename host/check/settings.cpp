#include "check/settings.h"

#include "base/file.h"
#include "config/settings.h"
#include "runtime/settings_check.h"

#include <cstdlib>

namespace hearback::check {

namespace {

using config::Value;
using nlohmann::json;

Value toValue(const json& from) {
    if (from.is_object()) {
        Value::Table table;
        for (const auto& [key, member] : from.items()) table.emplace_back(key, toValue(member));
        return {std::move(table), {}};
    }
    if (from.is_array()) {
        Value::List list;
        for (const json& item : from) list.push_back(toValue(item));
        return {std::move(list), {}};
    }
    if (from.is_boolean()) return {from.get<bool>(), {}};
    if (from.is_number_integer()) return {from.get<std::int64_t>(), {}};
    if (from.is_number()) return {from.get<double>(), {}};
    return {from.is_string() ? from.get<std::string>() : std::string(), {}};
}

json exampleText(const std::string& name, const json& schema) {
    std::string text =
        name.find("url") != std::string::npos ? "https://check.example/" + name : "check";
    const auto shortest = schema.value("minLength", std::size_t{0});
    const auto longest = schema.value("maxLength", std::size_t{4096});
    if (text.size() < shortest) text.resize(shortest, 'x');
    if (text.size() > longest) text.resize(longest);
    return text;
}

json exampleOf(const std::string& name, const json& schema, int depth) {
    if (schema.contains("default")) return schema["default"];
    if (schema.contains("const")) return schema["const"];
    if (schema.contains("enum") && !schema["enum"].empty()) return schema["enum"][0];
    const std::string type = schema.value("type", json("string")).is_string()
                                 ? schema.value("type", "string")
                                 : std::string("string");
    if (type == "boolean") return false;
    if (type == "integer" || type == "number") return schema.value("minimum", json(1));
    if (type == "string") return exampleText(name, schema);
    if (type == "array") {
        json list = json::array();
        const auto count = depth > 8 ? 0 : schema.value("minItems", std::size_t{0});
        for (std::size_t i = 0; i < count; ++i)
            list.push_back(exampleOf(name, schema.value("items", json::object()), depth + 1));
        return list;
    }
    json object = json::object();
    if (depth > 8) return object;
    const json properties = schema.value("properties", json::object());
    for (const json& required : schema.value("required", json::array())) {
        const auto key = required.get<std::string>();
        object[key] = exampleOf(key, properties.value(key, json::object()), depth + 1);
    }
    return object;
}

} // namespace

bool isSecret(const json& schema, const std::string& setting) {
    return schema.value("properties", json::object())
        .value(setting, json::object())
        .value("x-hearback-secret", false);
}

json exampleSettings(const json& schema) {
    json whole = schema;
    whole["type"] = "object";
    whole.erase("default");
    return exampleOf("", whole, 0);
}

std::optional<ReadySettings> prepare(const loader::PluginManifest& manifest, const json& given,
                                     const std::filesystem::path& folder,
                                     std::vector<config::Problem>& problems) {
    ReadySettings ready;
    json referring = given;
    for (const auto& [name, value] : given.items()) {
        if (!isSecret(manifest.settings, name) || !value.is_string()) continue;
        // The host takes secrets by reference only; a variable of this process is one.
        const std::string variable = "HEARBACK_CHECK_SECRET_" + name;
        ready.secrets[name] = value.get<std::string>();
        ::setenv(variable.c_str(), ready.secrets[name].c_str(), 1);
        referring[name] = "env:" + variable;
    }
    config::PluginSettings plugin;
    plugin.name = "check";
    plugin.plugin = manifest.id;
    plugin.settings = toValue(referring);
    const auto prepared = runtime::prepareSettings(manifest, plugin, folder, problems);
    for (const auto& [name, secret] : ready.secrets)
        ::unsetenv(("HEARBACK_CHECK_SECRET_" + name).c_str());
    if (!prepared) return std::nullopt;
    ready.json = prepared->json;
    return ready;
}

} // namespace hearback::check
