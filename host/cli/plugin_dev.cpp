#include "base/log.h"
#include "cli/commands.h"
#include "cli/dev/project.h"
#include "cli/dev/session.h"
#include "cli/dev/watch.h"
#include "cli/session.h"
#include "cli/stop_signal.h"

#include <cstdio>
#include <cstdlib>

namespace hearback::cli {

namespace {

constexpr base::Micros kLook = 100 * base::kMillisecond;

// The configuration of the project, where it has one; none where it is wrong, which was told.
std::optional<config::Settings> settingsOf(const CommonOptions& common,
                                           const dev::Project& project) {
    CommonOptions options = common;
    if (options.config.empty()) {
        const auto own = project.folder() / "hearback.toml";
        std::error_code error;
        if (!std::filesystem::exists(own, error)) {
            auto defaults = config::parseSettings("", project.folder()).settings;
            defaults.file = own;
            return defaults;
        }
        options.config = own;
    }
    return loadSettings(options);
}

// Builds, checks and runs what is in the folder, again after every change.
class Workshop {
  public:
    Workshop(const CommonOptions& common, const dev::Project& project, StopSignal& signal)
        : common_(common), project_(project), signal_(signal) {}

    int run(dev::Watch& watch) {
        console_.say("watch", project_.folder());
        renew();
        while (!signal_.wait(kLook)) {
            if (session_) session_->look();
            std::string changed = watch.changed();
            if (changed.empty()) continue;
            // Editors save in several steps, and people several files.
            while (!signal_.wait(kLook) && !watch.changed().empty()) {
            }
            console_.say("changed", changed);
            renew();
        }
        console_.say("end", signal_.name());
        end();
        return kDone;
    }

  private:
    // Where something does not work, the last version that did goes on.
    void renew() {
        const auto stops = [this] { return signal_.wait(0); };
        if (!project_.build(console_, stops)) return;
        const auto plugin = project_.plugin(console_);
        if (!plugin) return;
        project_.check(*plugin, console_, stops);
        if (stops()) return;
        auto settings = settingsOf(common_, project_);
        if (!settings) return;
        end();
        session_ = dev::Session::begin(project_, *plugin, std::move(*settings), console_);
        if (!session_) console_.say("run", "it does not: mend it, and save", Style::Red);
    }
    void end() {
        if (session_ && !session_->end()) {
            console_.say("end", "the plugin does not return: it is left behind", Style::Red);
            std::fflush(nullptr);
            std::_Exit(kFailed);
        }
        session_.reset();
    }

    const CommonOptions& common_;
    const dev::Project& project_;
    StopSignal& signal_;
    dev::Console console_;
    std::unique_ptr<dev::Session> session_;
};

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
    const auto watch = dev::Watch::on(project->folder());
    if (!watch) {
        complain(watch.error());
        return kFailed;
    }
    return Workshop(common, *project, signal).run(**watch);
}

} // namespace hearback::cli
