#include "cli/session.h"

#include <cstdio>
#include <cstdlib>

namespace hearback::cli {

void complain(const std::string& text) { std::fprintf(stderr, "hearback: %s\n", text.c_str()); }

void complain(const base::Error& error) { complain(error.message); }

void complain(const config::Settings& settings, std::vector<config::Problem> problems) {
    config::sortByPlace(problems);
    for (const config::Problem& problem : problems)
        std::fprintf(stderr, "%s\n", config::describe(settings.file, problem).c_str());
    std::fprintf(stderr, "hearback: %zu problem%s in the configuration\n", problems.size(),
                 problems.size() == 1 ? "" : "s");
}

std::string configFile(const CommonOptions& common) {
    if (!common.config.empty()) return common.config;
    const char* named = std::getenv("HEARBACK_CONFIG");
    return named != nullptr && *named != '\0' ? named : "hearback.toml";
}

std::optional<config::Settings> loadSettings(const CommonOptions& common) {
    const std::string file = configFile(common);
    auto loaded = config::loadSettings(file);
    if (!loaded) {
        complain(loaded.error().message);
        if (loaded.error().code == base::Code::NotFound)
            complain("name a configuration with --config FILE, or write hearback.toml; "
                     "examples/quickstart/hearback.toml is one to begin with");
        return std::nullopt;
    }
    loaded->settings.file = file;
    if (!loaded->problems.empty()) {
        complain(loaded->settings, loaded->problems);
        return std::nullopt;
    }
    return std::move(loaded->settings);
}

std::unique_ptr<app::Store> openStore(const config::Settings& settings,
                                      app::Environment& environment) {
    auto store = app::Store::open(settings, environment);
    if (!store) {
        complain(store.error());
        return nullptr;
    }
    return std::move(*store);
}

void configureQuietLog(const config::Settings& settings) {
    base::configureLog(settings.log_format.value_or(base::defaultLogFormat()),
                       settings.log_level == base::LogLevel::Debug ? base::LogLevel::Debug
                                                                   : base::LogLevel::Warning);
}

} // namespace hearback::cli
