// What most commands begin with: the configuration, the log, the data.
#pragma once

#include "app/environment.h"
#include "app/store.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/exit_codes.h"
#include "config/settings.h"

#include <optional>

namespace hearback::cli {

// "hearback: " and the text, on standard error.
void complain(const std::string& text);
void complain(const base::Error& error);
// Each problem on a line of its own, with file, line and column, in the order of the file.
void complain(const config::Settings& settings, std::vector<config::Problem> problems);

// The file that the words or the environment name.
std::string configFile(const CommonOptions& common);

// The settings, or none where there is no file or something in it is wrong; then that was told.
std::optional<config::Settings> loadSettings(const CommonOptions& common);

// The data of the installation; null, and told, where it cannot be opened.
std::unique_ptr<app::Store> openStore(const config::Settings& settings,
                                      app::Environment& environment);

// For commands other than `serve`: only what goes wrong is logged.
void configureQuietLog(const config::Settings& settings);

} // namespace hearback::cli
