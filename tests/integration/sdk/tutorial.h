// A page of documentation as a script: blocks of `sh` are commands, blocks of code go into the file
// that the paragraph before them names at its end, blocks of `text` are lines that the commands
// write. Blocks of `console` are for people only.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace hearback::testing {

struct Tutorial {
    std::string script;
    std::size_t files = 0;
    std::size_t lines = 0; // that the author writes, without empty ones
    std::vector<std::string> expected;
};

Tutorial readTutorial(const std::string& file);

} // namespace hearback::testing
