#include "check/settings_variants.h"

#include "check/settings.h"

#include <algorithm>

namespace hearback::check {

namespace {

using nlohmann::json;

constexpr std::size_t kLengthMax = 1 << 20;

struct Wrong {
    json value;
    std::string what;
};

std::string typeOf(const json& schema) {
    return schema.contains("type") && schema["type"].is_string() ? schema["type"].get<std::string>()
                                                                 : std::string();
}

std::vector<Wrong> wrongTypes(const std::string& type) {
    const Wrong text{"no such thing", "is a text"};
    const Wrong number{7.25, "is a number with a fraction"};
    const Wrong truth{true, "is true"};
    const Wrong list{json::array({json::object({{"no", "such"}})}), "is a list"};
    const Wrong table{json::object({{"no", json::array()}}), "is a table"};
    const Wrong nothing{nullptr, "is null"};
    if (type == "string") return {number, truth, list, table, nothing};
    if (type == "integer") return {text, number, truth, list, table, nothing};
    if (type == "number") return {text, truth, list, table, nothing};
    if (type == "boolean") return {text, {1, "is 1"}, list, table, nothing};
    if (type == "array") return {text, number, truth, table, nothing};
    if (type == "object") return {text, number, truth, list, nothing};
    return {};
}

void addLimits(const json& schema, std::vector<Wrong>& all) {
    const std::string type = typeOf(schema);
    if (type == "integer" || type == "number") {
        if (schema.contains("minimum"))
            all.push_back({schema["minimum"].get<double>() - 1, "is less than its minimum"});
        if (schema.contains("maximum"))
            all.push_back({schema["maximum"].get<double>() + 1, "is more than its maximum"});
        // A whole number stays one.
        for (Wrong& each : all)
            if (type == "integer" && each.value.is_number_float() &&
                each.value.get<double>() != 7.25)
                each.value = static_cast<std::int64_t>(each.value.get<double>());
    }
    if (type == "string") {
        const auto shortest = schema.value("minLength", std::size_t{0});
        const auto longest = schema.value("maxLength", kLengthMax);
        if (shortest > 0) all.push_back({std::string(shortest - 1, 'x'), "is too short"});
        if (longest < kLengthMax) all.push_back({std::string(longest + 1, 'x'), "is too long"});
    }
    if (schema.contains("enum")) all.push_back({"no such choice", "is none of the choices"});
    if (type == "array" && schema.value("minItems", std::size_t{0}) > 0)
        all.push_back({json::array(), "has too few items"});
}

std::vector<Wrong> wrongOf(const json& valid, const json& schema);

void addItems(const json& valid, const json& schema, std::vector<Wrong>& all) {
    if (!schema.contains("items") || !schema["items"].is_object()) return;
    const json& items = schema["items"];
    json one = valid.is_array() && !valid.empty() ? valid[0] : json();
    if (one.is_null()) {
        const json wrapped = {{"required", {"item"}}, {"properties", {{"item", items}}}};
        one = exampleSettings(wrapped)["item"];
    }
    for (const Wrong& wrong : wrongOf(one, items))
        all.push_back({json::array({wrong.value}), "has an item that " + wrong.what});
}

void addMembers(const json& valid, const json& schema, std::vector<Wrong>& all) {
    const json properties = schema.value("properties", json::object());
    for (const json& required : schema.value("required", json::array())) {
        json without = valid;
        without.erase(required.get<std::string>());
        all.push_back({without, "has no member " + required.get<std::string>()});
    }
    const json more = schema.value("additionalProperties", json(true));
    if (more == false) {
        json with = valid;
        with["no_such_member"] = 1;
        all.push_back({with, "has a member that is not known"});
    }
    if (more.is_object() && typeOf(more) == "string")
        all.push_back({json::object({{"key", 7}}), "has a member that is a number"});
}

std::vector<Wrong> wrongOf(const json& valid, const json& schema) {
    std::vector<Wrong> all = wrongTypes(typeOf(schema));
    addLimits(schema, all);
    if (typeOf(schema) == "array") addItems(valid, schema, all);
    if (typeOf(schema) == "object") addMembers(valid, schema, all);
    return all;
}

json anyText(const json& schema, base::Random& random) {
    static const std::vector<std::string> kPieces = {
        "a", "Z",  "9",   " ",  ".",        "-",           "_",  "/",    "\"",   "\\",
        "é", "你", "{n}", "%s", "https://", "example.org", "\t", "true", "null", "id=1&x=2"};
    const auto shortest = std::max<std::size_t>(schema.value("minLength", std::size_t{0}), 1);
    const auto longest =
        std::max(shortest, std::min<std::size_t>(schema.value("maxLength", std::size_t{300}), 300));
    const std::size_t wanted = shortest + random.next() % (longest - shortest + 1);
    std::string text;
    while (text.size() < wanted) {
        const std::string& piece = kPieces[random.next() % kPieces.size()];
        text += text.size() + piece.size() <= longest ? piece : "x";
    }
    return text;
}

json anyNumber(const json& schema, bool whole, base::Random& random) {
    const double low = schema.value("minimum", -1e6);
    const double high = schema.value("maximum", 1e6);
    const std::uint64_t dice = random.next() % 4;
    double value = low + random.unit() * (high - low);
    if (dice == 0) value = low;
    if (dice == 1) value = high;
    if (!whole) return value;
    const double bounded = std::clamp(value, -9e15, 9e15);
    return static_cast<std::int64_t>(bounded);
}

json anyOf(const json& schema, base::Random& random, int depth) {
    if (schema.contains("enum")) return schema["enum"][random.next() % schema["enum"].size()];
    if (schema.contains("const")) return schema["const"];
    const std::string type = typeOf(schema);
    if (type == "boolean") return random.next() % 2 == 0;
    if (type == "integer" || type == "number") return anyNumber(schema, type == "integer", random);
    if (type == "array") {
        json list = json::array();
        const auto least = schema.value("minItems", std::size_t{0});
        const std::size_t count = least + (depth > 4 ? 0 : random.next() % 4);
        for (std::size_t i = 0; i < count; ++i)
            list.push_back(
                anyOf(schema.value("items", json{{"type", "string"}}), random, depth + 1));
        return list;
    }
    if (type != "object") return anyText(schema, random);
    json object = json::object();
    const json required = schema.value("required", json::array());
    const json members = schema.value("properties", json::object());
    for (const auto& [name, member] : members.items()) {
        const bool must = std::find(required.begin(), required.end(), name) != required.end();
        if (must || random.next() % 4 != 0) object[name] = anyOf(member, random, depth + 1);
    }
    const json more = schema.value("additionalProperties", json(false));
    if (more.is_object() && random.next() % 2 == 0) object["key"] = anyOf(more, random, depth + 1);
    return object;
}

} // namespace

std::vector<WrongSettings> wrongVariants(const json& valid, const json& schema) {
    std::vector<WrongSettings> all;
    for (const char* whole : {"", "{", "[]", "7", "null", "\"text\""})
        all.push_back({whole, "", "are no JSON object"});
    json more = valid;
    more["no_such_setting"] = 1;
    all.push_back({more.dump(), "/no_such_setting", "is no setting"});
    const json members = schema.value("properties", json::object());
    for (const auto& [name, member] : members.items()) {
        const json present = valid.value(name, json());
        for (const Wrong& wrong : wrongOf(present, member)) {
            json with = valid;
            with[name] = wrong.value;
            all.push_back({with.dump(), "/" + name, wrong.what});
        }
    }
    for (const json& required : schema.value("required", json::array())) {
        const auto name = required.get<std::string>();
        json without = valid;
        without.erase(name);
        all.push_back({without.dump(), "/" + name, "is missing"});
    }
    return all;
}

json anySettings(const json& schema, base::Random& random) {
    json whole = schema;
    whole["type"] = "object";
    return anyOf(whole, random, 0);
}

} // namespace hearback::check
