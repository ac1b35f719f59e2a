#include "cli/dev/setup.h"

#include "base/file.h"
#include "base/fingerprint.h"
#include "cli/dev/plan.h"
#include "cli/session.h"
#include "config/secrets.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hearback::cli::dev {

namespace {

using config::Value;

constexpr std::size_t kConfigMax = 4 << 20;

// The configuration of the project; with the defaults where it has none.
struct HostSettings {
    config::Settings settings;
    std::string text; // as it was read
};

std::optional<HostSettings> hostSettings(const CommonOptions& common, const Project& project) {
    CommonOptions options = common;
    const auto own = project.folder() / "hearback.toml";
    std::error_code error;
    if (options.config.empty() && !std::filesystem::exists(own, error)) {
        HostSettings defaults{config::parseSettings("", project.folder()).settings, ""};
        defaults.settings.file = own;
        return defaults;
    }
    if (options.config.empty()) options.config = own;
    auto settings = loadSettings(options);
    if (!settings) return std::nullopt;
    auto text = base::readFile(options.config, kConfigMax);
    return HostSettings{std::move(*settings), text ? std::move(*text) : std::string()};
}

// That of the plugin, under any name.
std::optional<config::PluginSettings> instanceIn(const config::Settings& settings,
                                                 const loader::PluginManifest& manifest) {
    const auto& list = manifest.kind == "classifier" ? settings.classifiers
                       : manifest.kind == "sink"     ? settings.sinks
                                                     : settings.sources;
    const auto found = std::find_if(list.begin(), list.end(),
                                    [&](const auto& each) { return each.plugin == manifest.id; });
    if (found == list.end()) return std::nullopt;
    return *found;
}

nlohmann::json propertyOf(const loader::PluginManifest& manifest, const std::string& name) {
    return manifest.settings.value("properties", nlohmann::json::object())
        .value(name, nlohmann::json::object());
}

// "KEY=VALUE": a text as it stands, or a value of TOML where the setting is something else.
base::Result<void> set(Value& settings, const std::string& word,
                       const loader::PluginManifest& manifest) {
    const auto middle = word.find('=');
    if (middle == 0 || middle == std::string::npos)
        return base::Error{base::Code::Invalid, "--set takes KEY=VALUE, not " + word};
    const std::string key = word.substr(0, middle);
    const std::string text = word.substr(middle + 1);
    Value parsed;
    std::vector<config::Problem> problems;
    const bool is_toml = propertyOf(manifest, key).value("type", nlohmann::json()) != "string" &&
                         config::parseToml("value = " + text, parsed, problems);
    const Value* value = is_toml ? parsed.member("value") : nullptr;
    auto& table = std::get<Value::Table>(settings.content);
    std::erase_if(table, [&](const auto& member) { return member.first == key; });
    table.emplace_back(key, value == nullptr ? Value(text, {}) : *value);
    return {};
}

// The host takes secrets by reference only; a file of the data folder is one.
base::Result<void> hideSecrets(Value& settings, const loader::PluginManifest& manifest,
                               const std::filesystem::path& folder) {
    for (auto& [name, value] : std::get<Value::Table>(settings.content)) {
        auto* text = std::get_if<std::string>(&value.content);
        if (text == nullptr || config::isSecretReference(*text) ||
            !propertyOf(manifest, name).value("x-hearback-secret", false))
            continue;
        const auto file = folder / name;
        auto written = base::writeFile(file, *text);
        if (!written) return written;
        *text = "file:" + file.string();
    }
    return {};
}

base::Result<void> lay(const Plan& plan, const std::filesystem::path& folder) {
    for (const auto& [name, content] : plan.files) {
        std::error_code error;
        std::filesystem::create_directories((folder / name).parent_path(), error);
        auto written = base::writeFile(folder / name, content);
        if (!written) return written;
    }
    return {};
}

base::Result<Setup> assemble(HostSettings host, const DevOptions& options, const Project& project,
                             const loader::PluginManifest& manifest) {
    const auto plan = readPlan(project.planFile());
    if (!plan) return plan.error();
    Setup setup;
    setup.texts = plan->texts;
    const auto data = project.dataFolder();
    const auto secrets = data / "secrets";
    std::error_code error;
    std::filesystem::create_directories(data / "files", error);
    std::filesystem::create_directories(secrets, error);
    std::filesystem::permissions(secrets, std::filesystem::perms::owner_all, error);
    auto instance = instanceIn(host.settings, manifest);
    if (!instance) {
        instance.emplace();
        instance->name = instance->plugin = instance->path = manifest.id;
        instance->settings = plan->settings;
        // Relative paths begin where the files of the plan are.
        host.settings.file = data / "files/hearback-check.toml";
        if (const auto laid = lay(*plan, data / "files"); !laid) return laid.error();
        setup.is_of_plan = true;
    }
    for (const std::string& word : options.set)
        if (const auto done = set(instance->settings, word, manifest); !done) return done.error();
    if (const auto hidden = hideSecrets(instance->settings, manifest, secrets); !hidden)
        return hidden.error();
    instance->isolation = config::Isolation::Worker;
    setup.fingerprint = base::Fingerprint().add(host.text).add(plan->fingerprint).value();
    setup.plugin = std::move(*instance);
    setup.settings = std::move(host.settings);
    setup.settings.sources.clear();
    setup.settings.classifiers.clear();
    setup.settings.sinks.clear();
    setup.settings.rules.clear();
    setup.settings.data_dir = data;
    setup.settings.trust_all = true; // its author runs it, on data of its own
    setup.settings.egress_allow.insert(setup.settings.egress_allow.end(), options.allow.begin(),
                                       options.allow.end());
    return setup;
}

} // namespace

std::optional<Setup> setUp(const CommonOptions& common, const DevOptions& options,
                           const Project& project, const loader::PluginManifest& manifest,
                           Console& console) {
    auto host = hostSettings(common, project);
    if (!host) return std::nullopt;
    auto setup = assemble(std::move(*host), options, project, manifest);
    if (setup) return std::move(*setup);
    console.say("settings", setup.error().message, Style::Red);
    return std::nullopt;
}

} // namespace hearback::cli::dev
