#include "app/findings.h"
#include "app/plugins.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "hearback/plugin/abi.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace hearback::cli {

namespace {

using app::Finding;
using app::Findings;
using app::Severity;

// Plugins are made to ask them about their settings; one that hangs must not hold up the rest.
constexpr base::Micros kPluginPatience = 30 * base::kSecond;

void examinePlugin(const config::PluginSettings& plugin, const app::Plugins& plugins,
                   const runtime::Trust& trust, Findings& findings) {
    const auto found = plugins.catalog().find(plugin.plugin);
    if (!found || trust.of(*found->file) == runtime::Standing::Shipped) return;
    const std::string about = "plugin " + plugin.name;
    const runtime::TrustedPlugin* entry = trust.find(found->file->hash);
    if (trust.of(*found->file) == runtime::Standing::Trusted && entry != nullptr &&
        entry->signer.empty())
        findings.push_back({Severity::Note, about,
                            plugin.plugin + " is not signed: a changed file has to be trusted "
                                            "again.",
                            ""});
    if (found->file->manifest.abi_minor < HB_ABI_MINOR ||
        found->file->manifest.schema_level < HB_SCHEMA_LEVEL)
        findings.push_back({Severity::Note, about,
                            plugin.plugin + " was built with an older SDK; it works, without what "
                                            "is new.",
                            "ask its author for a newer one"});
}

void examineConfiguration(const config::Loaded& loaded, app::Environment& environment,
                          Findings& findings) {
    const config::Settings& settings = loaded.settings;
    std::vector<config::Problem> problems = loaded.problems;
    const base::Micros deadline = environment.clock.steady() + kPluginPatience;
    app::Plugins plugins(settings, environment, nullptr, problems);
    for (const config::PluginSettings& source : settings.sources) {
        if (environment.clock.steady() >= deadline) {
            findings.push_back({Severity::Warning, "plugins",
                                "not all were looked at, because some took long to answer.",
                                "hearback check"});
            break;
        }
        (void)plugins.makeSource(source, problems);
    }
    config::sortByPlace(problems);
    for (const config::Problem& problem : problems)
        findings.push_back({Severity::Error, "configuration",
                            config::describe(settings.file, problem), "hearback check"});
    std::vector<config::Problem> told; // above
    const runtime::Trust trust(app::shippedDirectories(), settings.trust_file, settings.trust_all,
                               told);
    for (const auto* list : {&settings.sources, &settings.classifiers, &settings.sinks})
        for (const config::PluginSettings& plugin : *list)
            examinePlugin(plugin, plugins, trust, findings);
}

void examineStore(const config::Settings& settings, app::Environment& environment,
                  Findings& findings) {
    std::error_code error;
    if (settings.storage.url.empty() &&
        !std::filesystem::exists(settings.data_dir / "hearback.db", error))
        return;
    const auto store = app::Store::open(settings, environment);
    if (store)
        app::examineData(settings, **store, environment.clock.now(), findings);
    else
        findings.push_back({Severity::Error, "database", store.error().message,
                            "see \"When something is wrong\" in docs/runbook.md"});
}

void print(const Findings& findings) {
    std::size_t todo = 0;
    for (const Finding& each : findings) {
        const bool is_note = each.severity == Severity::Note;
        todo += is_note ? 0 : 1;
        const Style style = is_note                            ? Style::Dim
                            : each.severity == Severity::Error ? Style::Red
                                                               : Style::Yellow;
        std::printf("%s %s: %s\n", styled(style, nameOf(each.severity)).c_str(), each.about.c_str(),
                    each.text.c_str());
        if (!each.todo.empty()) std::printf("  do: %s\n", each.todo.c_str());
    }
    if (todo == 0)
        std::printf("nothing to do\n");
    else
        std::printf("%zu thing%s to do\n", todo, todo == 1 ? "" : "s");
}

} // namespace

int runDoctor(const CommonOptions& common) {
    auto loaded = config::loadSettings(configFile(common));
    if (!loaded) {
        // Tells what to do where there is no file.
        (void)loadSettings(common);
        return kUsage;
    }
    const config::Settings& settings = loaded->settings;
    configureQuietLog(settings);
    app::Environment environment;
    Findings findings;
    examineConfiguration(*loaded, environment, findings);
    app::examineFiles(settings, environment.clock.now(), findings);
    examineStore(settings, environment, findings);
    app::examineServer(settings, environment.clock, findings);
    std::stable_sort(findings.begin(), findings.end(),
                     [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
    if (common.json) {
        auto list = nlohmann::json::array();
        for (const Finding& each : findings)
            list.push_back({{"severity", nameOf(each.severity)},
                            {"about", each.about},
                            {"text", each.text},
                            {"todo", each.todo}});
        std::printf("%s\n", nlohmann::json{{"findings", list}}.dump(2).c_str());
    } else {
        print(findings);
    }
    const bool is_well = std::all_of(findings.begin(), findings.end(), [](const Finding& each) {
        return each.severity == Severity::Note;
    });
    return is_well ? kDone : kFailed;
}

} // namespace hearback::cli
