// "did you mean": the known word that is nearest to a mistyped one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace hearback::base {

// " (did you mean \"topic\"?)", or empty where nothing is near.
std::string suggest(std::string_view word, std::span<const std::string> known);

} // namespace hearback::base
