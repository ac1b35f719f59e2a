// UTF-8 as RFC 3629 has it: no surrogates, nothing overlong, nothing above U+10FFFF.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hearback::base {

bool isUtf8(std::string_view text);

// Every maximal broken part becomes one U+FFFD, as the Unicode Standard (3.9) recommends.
std::string repairUtf8(std::string_view text);

// At most `max_bytes`, never cut inside a character. `text` is valid.
std::string_view truncateUtf8(std::string_view text, std::size_t max_bytes);

// What somebody else wrote, for a terminal or a page: valid, cut, and a space for each control
// character but a line end, so that it cannot steer what shows it.
std::string printable(std::string_view text, std::size_t max_bytes);

} // namespace hearback::base
