#pragma once

namespace hearback::app {

inline constexpr const char* kVersion = HEARBACK_VERSION;

} // namespace hearback::app
