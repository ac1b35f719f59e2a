#include "app/backup.h"
#include "cli/commands.h"
#include "cli/copied_text.h"
#include "cli/session.h"

namespace hearback::cli {

int runDbCopy(const CommonOptions& common, const DbCopyOptions& options) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    return showCopying(common, "copying", "copied", [&](const storage::CopyProgress& progress) {
        return app::copyDatabase(*settings, {options.from, options.to}, progress);
    });
}

} // namespace hearback::cli
