#include "text_encoding.h"

#include <array>
#include <cstdint>

namespace hearback::file {

namespace {

// Bytes 0x80 to 0x9F.
constexpr std::array<std::uint16_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

void append(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

// Whether every sequence has its following bytes; one that is cut off at the end does not count.
bool looksLikeUtf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const auto first = static_cast<unsigned char>(text[at]);
        std::size_t size = 1;
        if (first >= 0xC2 && first < 0xE0)
            size = 2;
        else if (first >= 0xE0 && first < 0xF0)
            size = 3;
        else if (first >= 0xF0 && first < 0xF5)
            size = 4;
        else if (first >= 0x80)
            return false;
        for (std::size_t i = 1; i < size && at + i < text.size(); ++i)
            if ((static_cast<unsigned char>(text[at + i]) & 0xC0U) != 0x80) return false;
        at += size;
    }
    return true;
}

} // namespace

std::size_t byteOrderMark(std::string_view head) {
    return head.substr(0, 3) == "\xEF\xBB\xBF" ? 3 : 0;
}

bool isUtf16(std::string_view head) {
    return head.substr(0, 2) == "\xFF\xFE" || head.substr(0, 2) == "\xFE\xFF";
}

Encoding guessEncoding(std::string_view head) {
    return byteOrderMark(head) > 0 || looksLikeUtf8(head) ? Encoding::Utf8 : Encoding::Latin1;
}

std::string fromLatin1(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        append(out, byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte);
    }
    return out;
}

} // namespace hearback::file
