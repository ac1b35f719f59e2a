#include "app/service.h"
#include "app/version.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "loader/call_context.h"

#include <cstdio>
#include <cstdlib>

namespace hearback::cli {

int runServe(const CommonOptions& common, const ServeOptions& options) {
    // Before any thread is made, so that all of them leave the signals to this one.
    StopSignal signal;
    auto settings = loadSettings(common);
    if (!settings) return kUsage;
    settings->safe_mode = options.safe_mode;
    base::configureLog(settings->log_format.value_or(base::defaultLogFormat()),
                       settings->log_level);
    loader::noteCrashesIn(app::crashFile(*settings));
    auto environment = std::make_unique<app::Environment>();
    auto store = openStore(*settings, *environment);
    if (!store) return kFailed;
    std::vector<config::Problem> problems;
    auto plugins = std::make_unique<app::Plugins>(*settings, *environment, store.get(), problems);
    auto service =
        std::make_unique<app::Service>(*settings, *environment, *store, *plugins, problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    const auto started = service->start();
    if (!started) {
        complain(started.error());
        return kFailed;
    }
    base::logInfo("app", "running",
                  {{"version", app::kVersion},
                   {"page", service->operatorAddress() + "/"},
                   {"receives", service->intakeAddress() + "/in/"},
                   {"sources", settings->sources.size()},
                   {"data", settings->data_dir.string()}});
    while (!signal.wait(base::kSecond)) service->tick();
    base::logInfo("app", "stopping", {{"signal", signal.name()}});
    if (!service->stop()) {
        // A plugin's thread is still in its code, which must not lose its data now.
        base::logError("app", "stopped, but a plugin did not return: see above");
        std::fflush(nullptr);
        std::_Exit(kFailed);
    }
    base::logInfo("app", "stopped");
    return kDone;
}

} // namespace hearback::cli
