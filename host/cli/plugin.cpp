#include "app/plugins.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "runtime/trust.h"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <filesystem>

namespace hearback::cli {

namespace {

// Plugins can be looked at without a configuration.
config::Settings settingsOrNone(const CommonOptions& common) {
    const auto loaded = config::loadSettings(configFile(common));
    return loaded ? loaded->settings : config::Settings();
}

const char* standingOf(const runtime::Trust& trust, const loader::PluginFile& file) {
    switch (trust.of(file)) {
    case runtime::Standing::Shipped: return "shipped";
    case runtime::Standing::Trusted: return "trusted";
    case runtime::Standing::Unknown: return "not trusted";
    }
    return "";
}

nlohmann::json fileJson(const loader::PluginFile& file) {
    auto plugins = nlohmann::json::array();
    for (const loader::PluginManifest& manifest : file.manifest.plugins)
        plugins.push_back(manifest.whole);
    return {{"file", file.path.string()},
            {"sha256", file.hash},
            {"problem", file.problem},
            {"plugins", plugins}};
}

// The settings of a plugin as a table: what the documentation shows too.
std::string settingsTable(const nlohmann::json& schema) {
    Table table({"setting", "type", "default", "meaning"});
    const auto required = schema.value("required", nlohmann::json::array());
    const auto properties = schema.value("properties", nlohmann::json::object());
    for (const auto& [name, property] : properties.items()) {
        std::string type = property.value("type", "");
        if (property.value("x-hearback-secret", false)) type = "secret";
        std::string otherwise;
        if (property.contains("default")) otherwise = property["default"].dump();
        for (const auto& each : required)
            if (each == name) otherwise = "(required)";
        std::string meaning = property.value("description", "");
        if (property.contains("enum")) {
            std::string choices;
            for (const auto& choice : property["enum"])
                choices += (choices.empty() ? "" : ", ") + choice.get<std::string>();
            meaning += " (" + choices + ")";
        }
        table.add({name, type, otherwise, meaning});
    }
    return table.empty() ? "  none\n" : table.text();
}

void print(const loader::PluginFile& file, const loader::PluginManifest& manifest) {
    const auto line = [](const char* name, const std::string& value) {
        if (!value.empty()) std::printf("%s %s\n", styled(Style::Dim, name).c_str(), value.c_str());
    };
    std::printf("%s\n", styled(Style::Bold, manifest.id + " " + manifest.version).c_str());
    line("kind       ", manifest.kind);
    line("about      ", manifest.summary);
    line("file       ", file.path.string());
    line("licence    ", manifest.licence);
    line("ABI        ", std::to_string(file.manifest.abi_major) + "." +
                            std::to_string(file.manifest.abi_minor) + ", messages of level " +
                            std::to_string(file.manifest.schema_level));
    line("offers     ", joined(manifest.extensions));
    line("needs      ", joined(manifest.needs));
    line("sends to   ", joined(manifest.hosts));
    line("task       ", manifest.task);
    line("labels     ", joined(manifest.labels));
    line("linked with", joined(file.facts.needed));
    std::printf("\nsettings\n%s", settingsTable(manifest.settings).c_str());
}

} // namespace

int runPluginList(const CommonOptions& common) {
    const config::Settings settings = settingsOrNone(common);
    const loader::Catalog catalog(app::pluginDirectories(settings));
    std::vector<config::Problem> problems;
    const runtime::Trust trust(app::shippedDirectories(), settings.trust_file, settings.trust_all,
                               problems);
    for (const config::Problem& problem : problems) complain(problem.path + " " + problem.text);
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const loader::PluginFile& file : catalog.files()) {
            list.push_back(fileJson(file));
            list.back()["standing"] = standingOf(trust, file);
        }
        std::printf("%s\n", list.dump(2).c_str());
        return kDone;
    }
    Table table({"plugin", "version", "kind", "standing", "about"});
    for (const loader::PluginFile& file : catalog.files())
        for (const loader::PluginManifest& manifest : file.manifest.plugins)
            table.add({manifest.id, manifest.version, manifest.kind, standingOf(trust, file),
                       manifest.summary});
    if (table.empty()) {
        complain("no plugins were found; looked in:");
        for (const auto& directory : app::pluginDirectories(settings))
            complain("  " + directory.string());
    } else {
        std::printf("%s", table.text().c_str());
    }
    bool all = true;
    for (const loader::PluginFile& file : catalog.files()) {
        if (file.problem.empty()) continue;
        all = false;
        complain(file.path.string() + " " + file.problem);
    }
    return all ? kDone : kFailed;
}

int runPluginInspect(const CommonOptions& common, const std::string& what) {
    std::error_code error;
    loader::PluginFile file;
    std::string id;
    if (std::filesystem::exists(what, error)) {
        file = loader::inspectPlugin(what);
    } else {
        const loader::Catalog catalog(app::pluginDirectories(settingsOrNone(common)));
        const auto found = catalog.find(what);
        if (!found) {
            complain(found.error());
            return kNotFound;
        }
        file = *found->file;
        id = what;
    }
    if (common.json) std::printf("%s\n", fileJson(file).dump(2).c_str());
    if (!file.problem.empty()) {
        complain(file.path.string() + " " + file.problem);
        return kFailed;
    }
    if (!common.json)
        for (const loader::PluginManifest& manifest : file.manifest.plugins)
            if (id.empty() || manifest.id == id) print(file, manifest);
    return kDone;
}

} // namespace hearback::cli
