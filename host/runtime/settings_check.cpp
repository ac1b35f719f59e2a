// The only file that knows the JSON Schema library: it takes long to compile.
#include "runtime/settings_check.h"

#include "base/suggest.h"
#include "config/secrets.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace hearback::runtime {

namespace {

using nlohmann::json;

// Its patterns are run by std::regex, which recurses with the length of the text.
constexpr std::size_t kTextMax = 64 << 10;

class SettingsCheck {
  public:
    SettingsCheck(const loader::PluginManifest& manifest, const config::PluginSettings& plugin,
                  const std::filesystem::path& folder, std::vector<config::Problem>& problems)
        : manifest_(manifest), plugin_(plugin), folder_(folder), problems_(problems),
          before_(problems.size()), settings_(config::toJson(plugin.settings)) {}

    std::optional<PreparedSettings> run() {
        const json properties = manifest_.settings.value("properties", json::object());
        refuseUnknown(properties);
        for (const auto& [name, schema] : properties.items()) {
            if (!settings_.contains(name)) {
                if (schema.contains("default")) settings_[name] = schema["default"];
            } else if (schema.value("x-hearback-secret", false)) {
                resolve(name);
            } else if (schema.value("x-hearback-path", false)) {
                makeAbsolute(name);
            }
        }
        refuseMissing();
        if (problems_.size() == before_) validate();
        if (problems_.size() != before_) return std::nullopt;
        return PreparedSettings{settings_.dump(), secrets_};
    }

  private:
    void problem(const std::string& pointer, const std::string& text) {
        std::string path = plugin_.path + ".settings";
        for (const char c : pointer) path += c == '/' ? '.' : c;
        problems_.push_back({config::placeOf(plugin_.settings, pointer), path, text});
    }

    void refuseUnknown(const json& properties) {
        std::vector<std::string> known;
        for (const auto& [name, schema] : properties.items()) known.push_back(name);
        for (const auto& [name, value] : settings_.items()) {
            if (properties.contains(name)) continue;
            problem("/" + name, "is no setting of the plugin \"" + manifest_.id + "\"" +
                                    base::suggest(name, known));
        }
    }

    void refuseMissing() {
        for (const auto& name : manifest_.settings.value("required", json::array()))
            if (name.is_string() && !settings_.contains(name.get<std::string>()))
                problem("/" + name.get<std::string>(),
                        "is required by the plugin \"" + manifest_.id + "\"");
    }

    void resolve(const std::string& name) {
        if (!settings_[name].is_string()) return;
        const auto reference = settings_[name].get<std::string>();
        const auto value = config::resolveSecret(reference, folder_);
        if (!value) {
            problem("/" + name, value.error().message);
            return;
        }
        secrets_[name] = reference;
        settings_[name] = *value;
    }

    void makeAbsolute(const std::string& name) {
        if (!settings_[name].is_string() || settings_[name].get<std::string>().empty()) return;
        settings_[name] =
            (folder_ / settings_[name].get<std::string>()).lexically_normal().string();
    }

    bool hasLongText(const json& value) const {
        if (value.is_string()) return value.get_ref<const std::string&>().size() > kTextMax;
        if (!value.is_structured()) return false;
        for (const auto& item : value)
            if (hasLongText(item)) return true;
        return false;
    }

    void validate() {
        if (hasLongText(settings_)) {
            problem("", "hold a text of more than " + std::to_string(kTextMax) + " bytes");
            return;
        }
        try {
            valijson::Schema schema;
            valijson::SchemaParser parser(valijson::SchemaParser::kDraft7);
            const valijson::adapters::NlohmannJsonAdapter schema_json(manifest_.settings);
            parser.populateSchema(schema_json, schema);
            valijson::Validator validator;
            valijson::ValidationResults results;
            const valijson::adapters::NlohmannJsonAdapter target(settings_);
            if (validator.validate(schema, target, &results)) return;
            valijson::ValidationResults::Error error;
            while (results.popError(error)) tell(error);
        } catch (const std::exception& error) {
            problem("", std::string("cannot be checked, the plugin's schema is wrong: ") +
                            error.what());
        }
    }

    // The library tells an error at the value and again at each level above it.
    void tell(const valijson::ValidationResults::Error& error) {
        std::string pointer;
        for (const std::string& step : error.context) {
            if (step.size() > 2 && step.front() == '[')
                pointer += "/" + step.substr(1, step.size() - 2);
        }
        if (error.description.starts_with("Failed to validate against schema") ||
            error.description.starts_with("Object contains a property"))
            return;
        if (error.description.starts_with("Failed to validate item")) return;
        std::string text = error.description;
        if (!text.empty() && text.back() == '.') text.pop_back();
        problem(pointer, "does not fit: " + text);
    }

    const loader::PluginManifest& manifest_;
    const config::PluginSettings& plugin_;
    const std::filesystem::path& folder_;
    std::vector<config::Problem>& problems_;
    std::size_t before_;
    json settings_;
    std::map<std::string, std::string> secrets_;
};

} // namespace

std::optional<PreparedSettings> prepareSettings(const loader::PluginManifest& manifest,
                                                const config::PluginSettings& plugin,
                                                const std::filesystem::path& config_folder,
                                                std::vector<config::Problem>& problems) {
    return SettingsCheck(manifest, plugin, config_folder, problems).run();
}

} // namespace hearback::runtime
