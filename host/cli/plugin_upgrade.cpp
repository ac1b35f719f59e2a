#include "cli/ask_host.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "runtime/upgrade_notes.h"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace hearback::cli {

namespace {

using runtime::UpgradeNote;
using runtime::UpgradeOutcome;

// A channel takes its new version when the call that is under way has returned.
constexpr base::Micros kTakePatience = 60 * base::kSecond;

int print(const std::vector<UpgradeNote>& notes, bool as_json) {
    bool all = true;
    auto list = nlohmann::json::array();
    Table table({"instance", "plugin", "from", "to", "what", "cause"});
    for (const UpgradeNote& note : notes) {
        all = all && note.outcome != UpgradeOutcome::RolledBack &&
              note.outcome != UpgradeOutcome::Refused;
        list.push_back({{"instance", note.instance},
                        {"plugin", note.plugin},
                        {"from", note.from_version},
                        {"to", note.to_version},
                        {"sha256", note.to_hash},
                        {"outcome", runtime::nameOf(note.outcome)},
                        {"cause", note.cause}});
        table.add({note.instance, note.plugin, note.from_version, note.to_version,
                   runtime::nameOf(note.outcome), note.cause});
    }
    if (as_json)
        std::printf("%s\n", list.dump(2).c_str());
    else if (notes.empty())
        std::printf("nothing new: what runs is what lies there\n");
    else
        std::printf("%s", table.text().c_str());
    return all ? kDone : kFailed;
}

} // namespace

int runPluginUpgrade(const CommonOptions& common) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    const auto host = app::RunningMark::find(settings->data_dir);
    if (!host) {
        complain("no `hearback serve` runs on " + settings->data_dir.string() +
                 ": the next one starts with the plugins that lie there");
        return kNotFound;
    }
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const base::Micros asked_at = environment.clock.now();
    if (!askToLook(*settings, *host, environment.clock)) return kFailed;
    const runtime::UpgradeNotes notes(&store->database(), environment.clock);
    std::vector<UpgradeNote> fresh;
    std::string failure;
    (void)waitFor(environment.clock, kTakePatience, [&] {
        const auto all = notes.list();
        failure = all ? "" : all.error().message;
        fresh.clear();
        bool waits = false;
        for (const UpgradeNote& note : all ? *all : std::vector<UpgradeNote>()) {
            if (note.at < asked_at) continue;
            waits = waits || note.outcome == UpgradeOutcome::Waiting;
            fresh.push_back(note);
        }
        return !waits;
    });
    if (!failure.empty()) {
        complain(failure);
        return kFailed;
    }
    return print(fresh, common.json);
}

} // namespace hearback::cli
