#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace hearback::base {

namespace {

struct Sequence {
    std::size_t size; // bytes that belong together, at least 1
    bool valid;
};

unsigned char byteAt(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

// Table 3-7 of the Unicode Standard: which second byte each first byte allows.
Sequence sequenceAt(std::string_view text, std::size_t at) {
    const unsigned char first = byteAt(text, at);
    if (first < 0x80) return {1, true};
    if (first < 0xC2 || first > 0xF4) return {1, false};
    const std::size_t wanted = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    unsigned char low = 0x80;
    unsigned char high = 0xBF;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    for (std::size_t i = 1; i < wanted; ++i) {
        if (at + i >= text.size()) return {i, false};
        const unsigned char byte = byteAt(text, at + i);
        if (byte < low || byte > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {wanted, true};
}

// Most text is ASCII: eight bytes at once.
std::size_t skipAscii(std::string_view text, std::size_t at) {
    while (at + 8 <= text.size()) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if ((word & 0x8080808080808080U) != 0) break;
        at += 8;
    }
    return at;
}

} // namespace

bool isUtf8(std::string_view text) {
    std::size_t at = 0;
    while ((at = skipAscii(text, at)) < text.size()) {
        const Sequence sequence = sequenceAt(text, at);
        if (!sequence.valid) return false;
        at += sequence.size;
    }
    return true;
}

std::string repairUtf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const Sequence sequence = sequenceAt(text, at);
        if (sequence.valid)
            out.append(text.substr(at, sequence.size));
        else
            out += "\xEF\xBF\xBD";
        at += sequence.size;
    }
    return out;
}

std::string_view truncateUtf8(std::string_view text, std::size_t max_bytes) {
    if (text.size() <= max_bytes) return text;
    std::size_t size = max_bytes;
    while (size > 0 && (byteAt(text, size) & 0xC0U) == 0x80) --size;
    return text.substr(0, size);
}

std::string printable(std::string_view text, std::size_t max_bytes) {
    // Cut first: a repair takes time and room, and makes a text three times as long at most.
    std::string repaired = repairUtf8(text.substr(0, max_bytes));
    std::string out;
    out.reserve(repaired.size());
    for (std::size_t at = 0; at < repaired.size(); ++at) {
        const unsigned char byte = byteAt(repaired, at);
        // U+0080 to U+009F are control characters too: C2 80 to C2 9F.
        const bool is_c1 = byte == 0xC2 && byteAt(repaired, at + 1) < 0xA0;
        const bool is_control = (byte < 0x20 && byte != '\n') || byte == 0x7F || is_c1;
        out += is_control ? ' ' : repaired[at];
        if (is_c1) ++at;
    }
    out.resize(truncateUtf8(out, max_bytes).size());
    return out;
}

} // namespace hearback::base
