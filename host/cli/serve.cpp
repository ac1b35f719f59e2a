#include "app/running_mark.h"
#include "app/service.h"
#include "app/version.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "loader/call_context.h"
#include "loader/instance.h"

#include <cstdio>
#include <cstdlib>
#include <optional>

namespace hearback::cli {

int runServe(const CommonOptions& common, const ServeOptions& options) {
    // Before any thread is made, so that all of them leave the signals to this one.
    StopSignal signal(StopSignal::Hangup::IsRequest);
    auto settings = loadSettings(common);
    if (!settings) return kUsage;
    settings->safe_mode = options.safe_mode;
    base::configureLog(settings->log_format.value_or(base::defaultLogFormat()),
                       settings->log_level);
    std::optional<EndsAtOnce> starting(std::in_place);
    loader::noteCrashesIn(app::crashFile(*settings));
    auto environment = std::make_unique<app::Environment>();
    auto store = openStore(*settings, *environment);
    if (!store) return kFailed;
    const auto mark = app::RunningMark::set(settings->data_dir);
    if (!mark) {
        complain(mark.error());
        return kFailed;
    }
    std::vector<config::Problem> problems;
    auto plugins = std::make_unique<app::Plugins>(*settings, *environment, store.get(), problems);
    auto service =
        std::make_unique<app::Service>(*settings, *environment, *store, *plugins, problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    // From here on something may be under way; what follows takes no time.
    starting.reset();
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
    while (!signal.wait(base::kSecond)) {
        service->tick();
        if (!signal.takeHangup()) continue;
        const std::size_t refused = service->reload();
        const auto upgraded = service->upgrade();
        if (!upgraded)
            base::logError("app", "plugins are not looked for: what runs goes on",
                           {{"cause", upgraded.error().message}});
        mark->noteLook(environment->clock.now(), refused);
    }
    base::logInfo("app", "stopping", {{"signal", signal.name()}});
    const EndsBy deadline(environment->clock, options.stop_within_s * base::kSecond);
    const bool has_stopped = service->stop();
    if (has_stopped) {
        service.reset();
        plugins.reset();
    }
    if (!has_stopped || loader::Instance::leftBehind() > 0) {
        // A plugin's thread is still in its code, which must not lose its data now.
        base::logError("app", "stopped, but a plugin did not return: see above");
        std::fflush(nullptr);
        std::_Exit(kFailed);
    }
    base::logInfo("app", "stopped");
    return kDone;
}

} // namespace hearback::cli
