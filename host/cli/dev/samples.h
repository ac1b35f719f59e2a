// What a classifier says of some texts, and what becomes of them in a sink: told line by line.
// False where something of it failed. Without texts: a few of our own.
#pragma once

#include "cli/dev/console.h"
#include "pipeline/plugins.h"

#include <string>
#include <vector>

namespace hearback::cli::dev {

bool showLabels(pipeline::Classifier& classifier, std::vector<std::string> texts, Console& console);
// `run` makes the idempotency keys of this run other ones than those of the last.
bool showDeliveries(pipeline::Sink& sink, std::vector<std::string> texts, const std::string& run,
                    Console& console);

} // namespace hearback::cli::dev
