// A channel whose every call is told as it comes, with the messages that it brought.
#pragma once

#include "cli/dev/console.h"
#include "pipeline/plugins.h"

#include <memory>

namespace hearback::cli::dev {

// What `source` does is done by it; calls that have nothing to tell are passed on in silence.
std::unique_ptr<pipeline::Source> shownSource(std::unique_ptr<pipeline::Source> source,
                                              Console& console);

} // namespace hearback::cli::dev
