#include <hearback/sdk/settings.hpp>

#include <catch2/catch.hpp>

using namespace hearback;

namespace {

struct AllSettings {
    std::string url;
    std::string token;
    std::string mode = "unset";
    std::int64_t every_s = -1;
    double share = -1;
    bool follow = false;
    std::vector<std::string> words;
    std::map<std::string, std::string> columns;
    nlohmann::json sets;
};

constexpr auto kAll = settings(
    setting("url", &AllSettings::url, "Address of the \"feed\"").required().between(8, 20),
    setting("token", &AllSettings::token, "Token").secret(),
    setting("mode", &AllSettings::mode, "Mode").oneOf("auto", "csv").defaultsTo("auto"),
    setting("every_s", &AllSettings::every_s, "Seconds").between(-10, 86400).defaultsTo(300),
    setting("share", &AllSettings::share, "Share").between(0, 0.75).defaultsTo(0.5),
    setting("follow", &AllSettings::follow, "Follow").defaultsTo(true),
    setting("words", &AllSettings::words, "Words").defaultsToJson("[]"),
    setting("columns", &AllSettings::columns, "Columns").defaultsToJson("{}"),
    setting("sets", &AllSettings::sets, "Sets")
        .schema(R"("type":"array","items":{"type":"object"})")
        .required());

nlohmann::json schemaOfAll() {
    detail::JsonText count;
    detail::writeSettingsSchema(count, kAll);
    std::string text(count.size(), '\0');
    detail::JsonText out(text.data());
    detail::writeSettingsSchema(out, kAll);
    CHECK(out.size() == count.size());
    return nlohmann::json::parse(text);
}

Status readAll(const std::string& text, AllSettings& into) {
    return detail::readSettings(text, kAll, into);
}

// "" where the settings are taken.
std::string refusalOf(const std::string& members) {
    AllSettings into;
    const Status status = readAll(
        R"({"url": "https://x", "sets": [])" + (members.empty() ? "" : ", " + members) + "}", into);
    if (status.isOk()) return "";
    CHECK(status.code() == HB_CONFIG);
    return status.path() + " " + status.text();
}

} // namespace

TEST_CASE("the schema of the settings is JSON Schema that says what was declared", "[sdk]") {
    const auto schema = schemaOfAll();
    CHECK(schema["type"] == "object");
    CHECK(schema["additionalProperties"] == false);
    CHECK(schema["required"] == nlohmann::json({"url", "sets"}));
    const auto& properties = schema["properties"];
    CHECK(properties.size() == 9);
    CHECK(properties["url"] == nlohmann::json::parse(R"({"type": "string", "minLength": 8,
        "maxLength": 20, "description": "Address of the \"feed\""})"));
    CHECK(properties["token"] == nlohmann::json::parse(R"({"type": "string",
        "description": "Token", "x-hearback-secret": true})"));
    CHECK(properties["mode"] == nlohmann::json::parse(R"({"type": "string", "description": "Mode",
        "enum": ["auto", "csv"], "default": "auto"})"));
    CHECK(properties["every_s"] == nlohmann::json::parse(R"({"type": "integer",
        "description": "Seconds", "minimum": -10, "maximum": 86400, "default": 300})"));
    CHECK(properties["share"] == nlohmann::json::parse(R"({"type": "number",
        "description": "Share", "minimum": 0, "maximum": 0.75, "default": 0.5})"));
    CHECK(properties["follow"] == nlohmann::json::parse(R"({"type": "boolean",
        "description": "Follow", "default": true})"));
    CHECK(properties["words"] == nlohmann::json::parse(R"({"type": "array",
        "items": {"type": "string"}, "description": "Words", "default": []})"));
    CHECK(properties["columns"] == nlohmann::json::parse(R"({"type": "object",
        "additionalProperties": {"type": "string"}, "description": "Columns", "default": {}})"));
    CHECK(properties["sets"] == nlohmann::json::parse(R"({"type": "array",
        "items": {"type": "object"}, "description": "Sets"})"));
}

TEST_CASE("settings are read into their members", "[sdk]") {
    AllSettings into;
    const Status status = readAll(R"({"url": "https://x", "token": "t", "mode": "csv",
        "every_s": -10, "share": 0.25, "follow": true, "words": ["a", "b"],
        "columns": {"text": "comment"}, "sets": [{"label": "x"}]})",
                                  into);
    REQUIRE(status.isOk());
    CHECK(into.url == "https://x");
    CHECK(into.token == "t");
    CHECK(into.mode == "csv");
    CHECK(into.every_s == -10);
    CHECK(into.share == 0.25);
    CHECK(into.follow);
    CHECK(into.words == std::vector<std::string>{"a", "b"});
    CHECK(into.columns.at("text") == "comment");
    CHECK(into.sets[0]["label"] == "x");
}

TEST_CASE("a setting that is absent leaves its member unless it is required", "[sdk]") {
    AllSettings into;
    REQUIRE(readAll(R"({"url": "https://x", "sets": []})", into).isOk());
    CHECK(into.mode == "unset");
    CHECK(into.every_s == -1);
    const Status missing = readAll(R"({"sets": []})", into);
    CHECK(missing.code() == HB_CONFIG);
    CHECK(missing.path() == "/url");
    CHECK(missing.text() == "is required");
}

TEST_CASE("a setting beyond its limits is refused with its path", "[sdk]") {
    CHECK(refusalOf("").empty());
    CHECK(refusalOf(R"("every_s": -11)") == "/every_s is out of range");
    CHECK(refusalOf(R"("every_s": 86401)") == "/every_s is out of range");
    CHECK(refusalOf(R"("every_s": 86400)").empty());
    CHECK(refusalOf(R"("share": 0.76)") == "/share is out of range");
    CHECK(refusalOf(R"("mode": "xml")") == "/mode is none of the choices");
    AllSettings into;
    for (const char* url : {"short", "a text that is too long"}) {
        const Status status = readAll(std::string(R"({"sets": [], "url": ")") + url + "\"}", into);
        CHECK(status.path() == "/url");
        CHECK(status.text() == "is too short or too long");
    }
}

TEST_CASE("a setting of the wrong type is refused with its path", "[sdk]") {
    CHECK(refusalOf(R"("token": 3)") == "/token has the wrong type");
    CHECK(refusalOf(R"("every_s": "300")") == "/every_s has the wrong type");
    CHECK(refusalOf(R"("follow": "yes")") == "/follow has the wrong type");
    CHECK(refusalOf(R"("words": "a")") == "/words has the wrong type");
    CHECK(refusalOf(R"("words": [1])") == "/words has the wrong type");
    CHECK(refusalOf(R"("columns": ["a"])") == "/columns has the wrong type");
    CHECK(refusalOf(R"("token": null)") == "/token has the wrong type");
}

TEST_CASE("a setting that does not exist is refused with its path", "[sdk]") {
    CHECK(refusalOf(R"("urll": "x")") == "/urll is no setting of this plugin");
}

TEST_CASE("settings that are no JSON object are refused", "[sdk]") {
    AllSettings into;
    for (const char* text : {"", "[]", "3", "{", "{\"url\": }", "null"}) {
        const Status status = readAll(text, into);
        CHECK(status.code() == HB_CONFIG);
        CHECK(status.text() == "the settings are not a JSON object");
    }
}

TEST_CASE("JSON is written the same at compile time as any other", "[sdk]") {
    const auto write = [](auto&& put) {
        std::string text(200, '\0');
        detail::JsonText out(text.data());
        put(out);
        text.resize(out.size());
        return text;
    };
    const std::string text = "\"quoted\" \\ \n\t\x01\x1f \xC3\xA4";
    CHECK(nlohmann::json::parse(write([&](auto& out) { out.quoted(text); })) == text);
    for (const std::int64_t number :
         {std::int64_t{0}, std::int64_t{-1}, std::numeric_limits<std::int64_t>::min(),
          std::numeric_limits<std::int64_t>::max()})
        CHECK(write([&](auto& out) { out.number(number); }) == std::to_string(number));
    for (const double number : {0.0, 0.5, -0.25, 0.000001, 123456.75, -2.0, 86400.0})
        CHECK(nlohmann::json::parse(write([&](auto& out) { out.number(number); })) == number);
    CHECK(write([](auto& out) { out.boolean(true).raw(",").boolean(false); }) == "true,false");
}

// The library for JSON would read 1.5 as 1 and true as 1.
TEST_CASE("a number is a whole number only where it is one", "[sdk]") {
    CHECK(refusalOf(R"("every_s": 7.25)") == "/every_s has the wrong type");
    CHECK(refusalOf(R"("every_s": true)") == "/every_s has the wrong type");
    CHECK(refusalOf(R"("every_s": 18446744073709551615)") == "/every_s has the wrong type");
    CHECK(refusalOf(R"("share": true)") == "/share has the wrong type");
    CHECK(refusalOf(R"("share": 0)").empty());
    CHECK(refusalOf(R"("follow": 1)") == "/follow has the wrong type");
}

TEST_CASE("JSON with a schema of its own is held against it", "[sdk]") {
    struct Json {
        nlohmann::json sets;
    };
    constexpr auto kJson =
        settings(setting("sets", &Json::sets, "Sets")
                     .schema(R"("type":"array","minItems":1,"maxItems":3,"items":{"type":"object",)"
                             R"("additionalProperties":false,"required":["label"],"properties":{)"
                             R"("label":{"type":"string","minLength":2,"maxLength":3},)"
                             R"("kind":{"enum":["a","b"]},"share":{"type":"number","maximum":1},)"
                             R"("words":{"type":"array","items":{"type":"string"}}}})"));
    const auto refusal = [&](const std::string& sets) {
        Json into;
        const Status status = detail::readSettings("{\"sets\": " + sets + "}", kJson, into);
        CHECK((status.isOk() || status.code() == HB_CONFIG));
        return status.isOk() ? "" : status.path() + " " + status.text();
    };
    CHECK(refusal(R"([{"label": "äöü", "kind": "a", "share": 1, "words": ["w"]}])").empty());
    CHECK(refusal("7") == "/sets has the wrong type, wanted is array");
    CHECK(refusal("[]") == "/sets has too few or too many items");
    CHECK(refusal("[1]") == "/sets/0 has the wrong type, wanted is object");
    CHECK(refusal("[{}]") == "/sets/0/label is required");
    CHECK(refusal(R"([{"label": "ab"}, {"label": "x"}])") ==
          "/sets/1/label is too short or too long");
    CHECK(refusal(R"([{"label": "ab", "kind": "c"}])") == "/sets/0/kind is none of the choices");
    CHECK(refusal(R"([{"label": "ab", "share": 2}])") == "/sets/0/share is out of range");
    CHECK(refusal(R"([{"label": "ab", "words": [1]}])") ==
          "/sets/0/words/0 has the wrong type, wanted is string");
    CHECK(refusal(R"([{"label": "ab", "lable": "x"}])") == "/sets/0/lable is not known here");
}
