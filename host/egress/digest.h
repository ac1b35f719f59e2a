// SHA-256 of a text, in hexadecimal: for names that must not tell what they are made of.
#pragma once

#include <string>
#include <string_view>

namespace hearback::egress {

std::string digest(std::string_view text);
// The first 16 of its digits: enough to tell apart, not enough to guess from.
std::string shortDigest(std::string_view text);

} // namespace hearback::egress
