// What a version of the plugin works with: an instance of hearback.toml, or of --config; where
// there is none, [settings] and [[file]] of hearback-check.toml. `--set` of the command line stands
// over both.
#pragma once

#include "cli/commands.h"
#include "cli/dev/console.h"
#include "cli/dev/project.h"
#include "config/settings.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearback::cli::dev {

struct Setup {
    config::Settings settings;     // of the host; without instances and rules
    config::PluginSettings plugin; // the instance
    std::vector<std::string> texts;
    bool is_of_plan = false;      // the settings are those of hearback-check.toml
    std::int64_t fingerprint = 0; // of what was read for it
};

// None, and told, where something of it is wrong. Writes the files of the plan, and its secrets,
// into the data folder of the project.
std::optional<Setup> setUp(const CommonOptions& common, const DevOptions& options,
                           const Project& project, const loader::PluginManifest& manifest,
                           Console& console);

} // namespace hearback::cli::dev
