// Asks a running host to look anew: at its configuration, and at what lies there of its plugins.
#pragma once

#include "app/running_mark.h"
#include "cli/session.h"

#include <functional>
#include <optional>

namespace hearback::cli {

// Asks `done` again and again until it is so; false where the patience ends before.
bool waitFor(base::Clock& clock, base::Micros patience, const std::function<bool()>& done);

// Asks, and waits until it has looked; none, and told, where it cannot be asked or does not look.
std::optional<app::RunningHost> askToLook(const config::Settings& settings,
                                          const app::RunningHost& host, base::Clock& clock);

} // namespace hearback::cli
