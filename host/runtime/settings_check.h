// Holds the settings of a configured plugin against the plugin's own JSON Schema, fills in defaults
// and secrets. The plugin then sees only what fits.
#pragma once

#include "config/settings.h"
#include "loader/manifest.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hearback::runtime {

struct PreparedSettings {
    std::string json;                           // for configure(); holds secrets, never logged
    std::map<std::string, std::string> secrets; // references by the name of their setting
};

// None where something does not fit: every problem is told, with its line and column.
std::optional<PreparedSettings> prepareSettings(const loader::PluginManifest& manifest,
                                                const config::PluginSettings& plugin,
                                                const std::filesystem::path& config_folder,
                                                std::vector<config::Problem>& problems);

} // namespace hearback::runtime
