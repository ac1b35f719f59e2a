// The words on the command line. The only file that knows CLI11.
#pragma once

#include "check/options.h"

#include <optional>

namespace hearback::check {

// None where the program shall end with `code`: after --help, or for words that are wrong.
std::optional<Options> readWords(int count, const char* const* words, int& code);

} // namespace hearback::check
