// What commands that copy all data say while they do, and when they have.
#pragma once

#include "base/result.h"
#include "cli/commands.h"
#include "storage/copy.h"

#include <string>

namespace hearback::cli {

// Runs it with a line that tells how far it is, and prints the rows and sums of each table; gives
// the exit code. `what` is drawn beside the bar, `done` closes the table: "copied to FILE".
using Copying =
    std::function<base::Result<std::vector<storage::TableSum>>(const storage::CopyProgress&)>;
int showCopying(const CommonOptions& common, const std::string& what, const std::string& done,
                const Copying& copying);

} // namespace hearback::cli
