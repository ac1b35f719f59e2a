#include "cli/ask_host.h"
#include "cli/commands.h"

#include <cstdio>

namespace hearback::cli {

int runReload(const CommonOptions& common) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    const auto host = app::RunningMark::find(settings->data_dir);
    if (!host) {
        complain("no `hearback serve` runs on " + settings->data_dir.string() +
                 ": the next one starts with this configuration");
        return kNotFound;
    }
    base::SystemClock clock;
    const auto looked = askToLook(*settings, *host, clock);
    if (!looked) return kFailed;
    if (looked->problems > 0) {
        complain("process " + std::to_string(host->process) +
                 " refused it and goes on with the old one: its log says why");
        return kFailed;
    }
    std::printf("rules and the level of the log are those of %s; what else changed waits for a "
                "restart, and stands in the log\n",
                settings->file.c_str());
    return kDone;
}

} // namespace hearback::cli
