// What certificate files say about themselves.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <filesystem>

namespace hearback::egress {

// When the first of the certificates in a PEM file ends that do.
base::Result<base::Micros> certificateEndsAt(const std::filesystem::path& file);

} // namespace hearback::egress
