// The letters of a file: UTF-8, or the Latin-1 of older Windows programs.
#pragma once

#include <string>
#include <string_view>

namespace hearback::file {

enum class Encoding { Utf8, Latin1 };

// By the first bytes of the file: a byte order mark, else whether they are valid UTF-8.
Encoding guessEncoding(std::string_view head);
// The bytes of a UTF-8 byte order mark at the beginning, 3 or 0.
std::size_t byteOrderMark(std::string_view head);
// UTF-16 has a mark of its own and cannot be read here.
bool isUtf16(std::string_view head);

// Windows-1252, which is what files called Latin-1 are:
// https://encoding.spec.whatwg.org/#windows-1252
std::string fromLatin1(std::string_view text);

} // namespace hearback::file
