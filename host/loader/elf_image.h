// Looks at a shared library without loading it: reading bytes runs no code. A file that is cut off
// or made for another machine would end the process inside the loader; here it is an error that
// says so. Format: https://refspecs.linuxfoundation.org/elf/gabi4+/contents.html
#pragma once

#include "base/result.h"

#include <string>
#include <string_view>
#include <vector>

namespace hearback::loader {

struct ElfFacts {
    std::vector<std::string> needed;   // libraries that it is linked with
    std::vector<std::string> exported; // symbols that it defines for others
    std::vector<std::string> unique;   // those of them that all libraries of a process share
    std::string manifest;              // of the section .hearback.manifest; empty: there is none
    bool executable_stack = false;
    bool text_relocations = false;
};

// `bytes`: the whole file.
base::Result<ElfFacts> inspectElf(std::string_view bytes);

} // namespace hearback::loader
