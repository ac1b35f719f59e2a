// Points in time and durations as people write them.
#pragma once

#include "base/clock.h"

#include <optional>
#include <string>

namespace hearback::cli {

// "2015-02-16", "2015-02-16T12:00", "7d" (ago), "12h", "today", "now". False, and told, where the
// text is none of these; an empty one changes nothing.
bool readMoment(const char* option, const std::string& text, base::Micros now, base::Micros& into);

// "20s", "5m", "2h", "3d"; none where it is none of these.
std::optional<base::Micros> parseDuration(const std::string& text);

} // namespace hearback::cli
