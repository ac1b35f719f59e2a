#include "app/plugins.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

// Asks one plugin whether it can work with its settings; true where it can.
bool ask(app::Plugins& plugins, const config::PluginSettings& plugin, const std::string& kind,
         std::vector<config::Problem>& problems) {
    const auto instance = plugins.makeInstance(plugin, kind, problems);
    if (!instance) return false;
    // One without a check of its own has taken its settings, which is what it can say.
    const pipeline::Answer answer = instance->can(loader::Method::Check)
                                        ? instance->run({.method = loader::Method::Check})
                                        : pipeline::Answer();
    const std::string text =
        answer.isOk() ? (answer.text.empty() ? "can work" : answer.text) : answer.text;
    std::printf(
        "%s %s %s: %s\n",
        styled(answer.isOk() ? Style::Green : Style::Red, answer.isOk() ? "ok  " : "FAIL").c_str(),
        kind.c_str(), plugin.name.c_str(), text.c_str());
    return answer.isOk();
}

} // namespace

int runCheck(const CommonOptions& common, const CheckOptions& options) {
    auto loaded = config::loadSettings(configFile(common));
    if (!loaded) {
        // Tells what to do where there is no file.
        (void)loadSettings(common);
        return kUsage;
    }
    config::Settings& settings = loaded->settings;
    std::vector<config::Problem> problems = loaded->problems;
    configureQuietLog(settings);
    app::Environment environment;
    app::Plugins plugins(settings, environment, nullptr, problems);
    for (const config::PluginSettings& source : settings.sources)
        (void)plugins.makeSource(source, problems);
    config::sortByPlace(problems);
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const config::Problem& problem : problems)
            list.push_back({{"line", problem.place.line},
                            {"column", problem.place.column},
                            {"path", problem.path},
                            {"text", problem.text}});
        std::printf(
            "%s\n",
            nlohmann::json{{"file", settings.file.string()}, {"problems", list}}.dump(2).c_str());
    } else if (!problems.empty()) {
        complain(settings, problems);
    }
    if (!problems.empty()) return kUsage;
    if (!common.json)
        std::printf("%s is right: %zu source%s, %zu classifier%s, %zu sink%s, %zu rule%s\n",
                    settings.file.c_str(), settings.sources.size(),
                    settings.sources.size() == 1 ? "" : "s", settings.classifiers.size(),
                    settings.classifiers.size() == 1 ? "" : "s", settings.sinks.size(),
                    settings.sinks.size() == 1 ? "" : "s", settings.rules.size(),
                    settings.rules.size() == 1 ? "" : "s");
    if (!options.connect) return kDone;
    bool all = true;
    for (const auto& source : settings.sources)
        all = ask(plugins, source, "channel", problems) && all;
    for (const auto& classifier : settings.classifiers)
        all = ask(plugins, classifier, "classifier", problems) && all;
    for (const auto& sink : settings.sinks) all = ask(plugins, sink, "sink", problems) && all;
    return all ? kDone : kFailed;
}

} // namespace hearback::cli
