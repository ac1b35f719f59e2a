// All data of an installation: kept as one file, brought back, moved to another database.
#pragma once

#include "config/settings.h"
#include "storage/copy.h"

#include <optional>
#include <string>

namespace hearback::app {

// One snapshot as a SQLite file, whatever the engine; while a host runs too. Under its name the
// file is complete or not there. Refuses a file that exists.
base::Result<std::vector<storage::TableSum>> backUp(const config::Settings& settings,
                                                    const std::filesystem::path& file,
                                                    const storage::CopyProgress& progress);

// Into the database of the settings, which must be empty, on a data folder on which no host runs.
// The index of the folder is made anew.
base::Result<std::vector<storage::TableSum>> restore(const config::Settings& settings,
                                                     const std::filesystem::path& file,
                                                     const storage::CopyProgress& progress);

// Databases are postgresql:// addresses or SQLite files; `from` none: that of the settings. No host
// may run on either of them, as far as this machine knows.
struct CopyQuestion {
    std::string from;
    std::string to;
};
base::Result<std::vector<storage::TableSum>> copyDatabase(const config::Settings& settings,
                                                          const CopyQuestion& question,
                                                          const storage::CopyProgress& progress);

} // namespace hearback::app
