// Level 1: the schema of the settings, and what configure() does with settings that fit and do not.
#include "check/bench.h"
#include "check/settings.h"
#include "check/settings_variants.h"
#include "check/test.h"

#include <algorithm>
#include <regex>
#include <set>

namespace hearback::check {

namespace {

using nlohmann::json;

constexpr int kConfigurations = 60;

// Holds the schema of a plugin against what a host reads of it.
class SchemaLint {
  public:
    SchemaLint(Bench& bench, const json& schema) : bench_(bench), schema_(schema) {}

    void run() {
        must(schema_.value("type", json()) == "object", "", "has \"type\": \"object\"");
        must(schema_.value("additionalProperties", json()) == false, "",
             "has \"additionalProperties\": false, so that a slip of the pen is told");
        const json properties = schema_.value("properties", json::object());
        for (const json& required : schema_.value("required", json::array()))
            must(required.is_string() && properties.contains(required.get<std::string>()), "",
                 "requires only what is among its properties");
        look(schema_, "");
        static const std::regex name_form("[a-z][a-z0-9_]*");
        for (const auto& [name, member] : properties.items()) {
            must(std::regex_match(name, name_form), "/" + name,
                 "has a name of small letters, digits and _");
            must(member.is_object() && !member.value("description", "").empty(), "/" + name,
                 "says in \"description\" what it is");
            lookAtMember(name, member);
        }
    }

  private:
    void must(bool is_so, const std::string& path, const std::string& what) {
        bench_.expect(
            is_so, "the schema of the settings " + (path.empty() ? "" : "at " + path + " ") + what,
            "it does not: " + (path.empty() ? schema_ : at(path)).dump().substr(0, 200));
    }
    json at(const std::string& path) const {
        return schema_.value("properties", json::object()).value(path.substr(1), json());
    }

    // Every keyword is one that a host knows.
    void look(const json& schema, const std::string& path) {
        static const std::set<std::string> kKnown = {"type",
                                                     "properties",
                                                     "required",
                                                     "enum",
                                                     "const",
                                                     "minimum",
                                                     "maximum",
                                                     "minLength",
                                                     "maxLength",
                                                     "pattern",
                                                     "items",
                                                     "minItems",
                                                     "maxItems",
                                                     "default",
                                                     "format",
                                                     "description",
                                                     "additionalProperties"};
        static const std::set<std::string> kTypes = {"object", "array",   "string",
                                                     "number", "integer", "boolean"};
        for (const auto& [keyword, value] : schema.items())
            must(kKnown.contains(keyword) || keyword.starts_with("x-hearback-"), path,
                 "uses only keywords that the host knows (not \"" + keyword + "\")");
        if (schema.contains("type"))
            must(schema["type"].is_string() && kTypes.contains(schema["type"].get<std::string>()),
                 path, "has one of the types of JSON");
        if (schema.contains("items")) look(schema["items"], path);
        if (schema.value("additionalProperties", json()).is_object())
            look(schema["additionalProperties"], path);
        const json members = schema.value("properties", json::object());
        for (const auto& [name, member] : members.items())
            look(member, path.empty() ? "/" + name : path);
    }

    void lookAtMember(const std::string& name, const json& member) {
        const std::string path = "/" + name;
        const bool is_text = member.value("type", "") == "string";
        for (const char* mark : {"x-hearback-secret", "x-hearback-path"})
            if (member.value(mark, false))
                must(is_text, path, std::string("is a text where it has \"") + mark + "\"");
        if (member.value("x-hearback-secret", false))
            must(!member.contains("default"), path, "has no default for a secret");
        if (member.contains("minimum") && member.contains("maximum"))
            must(member["minimum"] <= member["maximum"], path, "has a range that is not empty");
        if (member.contains("minLength") && member.contains("maxLength"))
            must(member["minLength"] <= member["maxLength"], path, "has a range that is not empty");
        if (member.contains("default")) {
            json given = exampleSettings(schema_);
            given[name] = member["default"];
            std::vector<config::Problem> problems;
            const auto ready =
                prepare(bench_.manifest(), given, std::filesystem::current_path(), problems);
            const bool is_told =
                std::any_of(problems.begin(), problems.end(), [&](const config::Problem& problem) {
                    return problem.path.ends_with("." + name);
                });
            must(ready.has_value() || !is_told, path, "has a default that fits it");
        }
    }

    Bench& bench_;
    const json& schema_;
};

void settingsSchema(Bench& bench) { SchemaLint(bench, bench.manifest().settings).run(); }

std::string pathOf(const Said& said) {
    const json detail = json::parse(said.detail, nullptr, false);
    return detail.is_object() ? detail.value("path", "") : std::string();
}

// Answers of a program carry a text and no detail: the path stands in the text.
bool isNamed(const Bench& bench, const Said& said, const std::string& path) {
    if (!bench.file().program.empty()) return said.text.find(path) != std::string::npos;
    return pathOf(said).starts_with(path);
}

void settingsInvalid(Bench& bench) {
    const bool is_program = !bench.file().program.empty();
    const json valid = json::parse(bench.settings());
    (void)bench.configured();
    for (const WrongSettings& wrong : wrongVariants(valid, bench.manifest().settings)) {
        Subject& subject = bench.created();
        const Said said = subject.configure(wrong.json);
        const std::string which =
            wrong.path.empty() ? "settings that " + wrong.what : wrong.path + " that " + wrong.what;
        bench.expect(said.status == HB_CONFIG,
                     "configure() refuses with CONFIG what its schema does not allow",
                     "for " + which + " it gives " + describe(said));
        bench.expect(wrong.path.empty() || isNamed(bench, said, wrong.path),
                     "a refusal names the setting: " +
                         (is_program ? "its text has " + wrong.path
                                     : "detail {\"path\": \"" + wrong.path + "\"}"),
                     "for " + which + " it gives " + describe(said) + ", and the detail is " +
                         (said.detail.empty() ? "empty" : said.detail));
        subject.destroy();
    }
}

void settingsFuzz(Bench& bench) {
    int tried = 0;
    for (int i = 0; i < kConfigurations; ++i) {
        const json any = anySettings(bench.manifest().settings, bench.random());
        std::vector<config::Problem> problems;
        const auto ready =
            prepare(bench.manifest(), any, std::filesystem::current_path(), problems);
        if (!ready) continue;
        ++tried;
        Subject& subject = bench.created();
        const Said configured = subject.configure(ready->json);
        const auto must = [&](const char* function, const Said& said) {
            bench.expect(said.isKnown() && said.status != HB_INTERNAL,
                         "settings that fit the schema are taken, or refused with a reason",
                         std::string(function) + "() gives " + describe(said) + " for " +
                             ready->json.substr(0, 300));
        };
        must("configure", configured);
        if (configured.isOk()) {
            const Said started = subject.start();
            must("start", started);
            if (started.isOk()) must("stop", subject.stop());
        }
        subject.destroy();
    }
    if (tried == 0) bench.skip("no settings could be made that fit the schema");
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"settings/schema", 1, kAllKinds, "The schema of the settings is one that a host understands",
     "docs/plugins.md", "the members of its JSON Schema (draft 7)", settingsSchema},
    {"settings/invalid", 1, kAllKinds,
     "Settings that do not fit the schema are refused, with the path of the setting", kAbi,
     "HB_CONFIG with the path of the field where they make no sense", settingsInvalid, 60},
    {"settings/fuzz", 1, kAllKinds,
     "Any settings that fit the schema are taken or refused, and never crash it", kAbi,
     "Takes the settings: JSON that fits the manifest's schema", settingsFuzz, 60},
};

} // namespace

std::span<const Test> settingsTests() { return kTests; }

} // namespace hearback::check
