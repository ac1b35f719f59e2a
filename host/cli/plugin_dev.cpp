#include "base/log.h"
#include "cli/commands.h"
#include "cli/dev/workshop.h"
#include "cli/session.h"

namespace hearback::cli {

namespace {

int work(const CommonOptions& common, const DevOptions& options, const dev::Project& project,
         StopSignal& signal) {
    config::Settings settings;
    settings.data_dir = project.dataFolder();
    app::Environment environment;
    const auto store = openStore(settings, environment);
    if (!store) return kFailed;
    dev::Console console;
    dev::Workshop workshop(common, options, project, {environment, *store, console}, signal);
    if (options.once) return workshop.once();
    const auto watch = dev::Watch::on(project.folder());
    if (watch) return workshop.watch(**watch);
    complain(watch.error());
    return kFailed;
}

} // namespace

int runPluginDev(const CommonOptions& common, const DevOptions& options) {
    // Before any thread is made, so that all of them leave the signals to this one.
    StopSignal signal;
    const auto project = dev::Project::in(options.folder);
    if (!project) {
        complain(project.error());
        return kNotFound;
    }
    base::configureLog(base::defaultLogFormat(), base::LogLevel::Warning);
    std::error_code error;
    if (options.is_fresh) std::filesystem::remove_all(project->dataFolder(), error);
    if (std::filesystem::create_directories(project->dataFolder(), error); error) {
        complain("cannot make the folder " + project->dataFolder().string() + ": " +
                 error.message());
        return kFailed;
    }
    return work(common, options, *project, signal);
}

} // namespace hearback::cli
