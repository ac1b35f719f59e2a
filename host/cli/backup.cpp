#include "app/backup.h"

#include "cli/commands.h"
#include "cli/copied_text.h"
#include "cli/session.h"

namespace hearback::cli {

int runBackup(const CommonOptions& common, const std::string& file) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    return showCopying(common, "backing up", "written to " + file,
                       [&](const storage::CopyProgress& progress) {
                           return app::backUp(*settings, file, progress);
                       });
}

int runRestore(const CommonOptions& common, const std::string& file) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    return showCopying(common, "restoring", "restored from " + file,
                       [&](const storage::CopyProgress& progress) {
                           return app::restore(*settings, file, progress);
                       });
}

} // namespace hearback::cli
