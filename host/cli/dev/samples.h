// What a classifier says of some texts, and what becomes of them in a sink: told line by line.
#pragma once

#include "cli/dev/console.h"
#include "pipeline/plugins.h"

#include <string>
#include <vector>

namespace hearback::cli::dev {

void showLabels(pipeline::Classifier& classifier, const std::vector<std::string>& texts,
                Console& console);
// `run` makes the idempotency keys of this run other ones than those of the last.
void showDeliveries(pipeline::Sink& sink, const std::vector<std::string>& texts,
                    const std::string& run, Console& console);

} // namespace hearback::cli::dev
