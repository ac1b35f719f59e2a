// Settings for the plugin under test: the author's, or some that are made from its schema.
#pragma once

#include "config/value.h"
#include "loader/manifest.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hearback::check {

// Settings that fit the schema: what is required, and nothing else.
nlohmann::json exampleSettings(const nlohmann::json& schema);

struct ReadySettings {
    std::string json;                           // for configure()
    std::map<std::string, std::string> secrets; // values by the name of their setting
};

// As the host prepares them: held against the schema, defaults filled in, paths made whole from
// `folder`. Secrets stand in `given` as they are. None, with the problems, where they do not fit.
std::optional<ReadySettings> prepare(const loader::PluginManifest& manifest,
                                     const nlohmann::json& given,
                                     const std::filesystem::path& folder,
                                     std::vector<config::Problem>& problems);

// Whether a setting of the manifest's is a secret.
bool isSecret(const nlohmann::json& schema, const std::string& setting);

} // namespace hearback::check
