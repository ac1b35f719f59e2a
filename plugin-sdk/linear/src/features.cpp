#include "hearback/linear/features.h"

#include <array>

namespace hearback::linear {

namespace {

constexpr char kBorder = ' ';
constexpr std::size_t kTokenMax = 64;

struct Letter {
    std::uint32_t code;
    std::size_t size;
};

// `text` is valid UTF-8; what is not is taken byte by byte.
Letter letterAt(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? static_cast<unsigned char>(text[at + i]) : 0U;
    };
    const std::uint32_t first = byte(0);
    if (first < 0x80) return {first, 1};
    if (first >= 0xC2 && first < 0xE0 && at + 1 < text.size())
        return {(first & 0x1FU) << 6U | (byte(1) & 0x3FU), 2};
    if (first >= 0xE0 && first < 0xF0 && at + 2 < text.size())
        return {(first & 0x0FU) << 12U | (byte(1) & 0x3FU) << 6U | (byte(2) & 0x3FU), 3};
    if (first >= 0xF0 && first < 0xF5 && at + 3 < text.size())
        return {(first & 0x07U) << 18U | (byte(1) & 0x3FU) << 12U | (byte(2) & 0x3FU) << 6U |
                    (byte(3) & 0x3FU),
                4};
    return {first, 1};
}

void append(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xC0U | code >> 6U);
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xE0U | code >> 12U);
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    } else {
        out += static_cast<char>(0xF0U | code >> 18U);
        out += static_cast<char>(0x80U | (code >> 12U & 0x3FU));
        out += static_cast<char>(0x80U | (code >> 6U & 0x3FU));
        out += static_cast<char>(0x80U | (code & 0x3FU));
    }
}

// Small letters of Latin, Greek and Cyrillic; the other scripts that people write feedback in have
// no capitals.
std::uint32_t toSmall(std::uint32_t c) {
    if (c >= 'A' && c <= 'Z') return c + 32;
    if (c < 0xC0) return c;
    if (c <= 0xDE && c != 0xD7) return c + 32;
    if ((c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177)) return c | 1U;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c + (c & 1U);
    if (c == 0x178) return 0xFF;
    if (c >= 0x391 && c <= 0x3A9 && c != 0x3A2) return c + 32;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    return c;
}

bool isDigit(std::uint32_t c) { return c >= '0' && c <= '9'; }

bool isSpace(std::uint32_t c) {
    return c <= 0x20 || c == 0xA0 || (c >= 0x2000 && c <= 0x200F) || c == 0x3000 || c == 0xFEFF;
}

// What stands between words: punctuation and symbols of ASCII and of the general blocks.
bool isMark(std::uint32_t c) {
    if (c < 0x80)
        return !isDigit(c) && !(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c != '\'';
    return (c >= 0xA1 && c <= 0xBF && c != 0xAA && c != 0xBA) || (c >= 0x2010 && c <= 0x205E) ||
           (c >= 0x3001 && c <= 0x303F);
}

// An emoji is a word of its own, also where it touches others; so is each letter of a script that
// writes without spaces.
bool standsAlone(std::uint32_t c) {
    return c >= 0x1F000 || (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3040 && c <= 0x9FFF) ||
           (c >= 0x0E00 && c <= 0x0EFF);
}

bool startsWithLink(std::string_view rest) {
    return rest.starts_with("http://") || rest.starts_with("https://") || rest.starts_with("www.");
}

// Multiplicative hash, one byte at a time (FNV-1a with 32 bits).
constexpr std::uint32_t kHashStart = 2166136261U;
constexpr std::uint32_t extend(std::uint32_t hash, char byte) {
    return (hash ^ static_cast<unsigned char>(byte)) * 16777619U;
}

// The upper bits of a multiplicative hash are the mixed ones.
constexpr std::uint32_t toRow(std::uint32_t hash) { return hash ^ hash >> 15U; }

} // namespace

void FeatureExtractor::fold(std::string_view text) {
    folded_.assign(1, kBorder);
    std::uint32_t last = 0;
    int repeated = 0;
    bool in_number = false;
    const auto endToken = [&] {
        if (folded_.back() != kBorder) folded_ += kBorder;
        last = 0;
        repeated = 0;
        in_number = false;
    };
    const auto word = [&](std::string_view whole) {
        endToken();
        folded_ += whole;
        endToken();
    };
    for (std::size_t at = 0; at < text.size();) {
        const Letter letter = letterAt(text, at);
        const bool fresh = folded_.back() == kBorder;
        if (fresh && startsWithLink(text.substr(at))) {
            while (at < text.size() && !isSpace(static_cast<unsigned char>(text[at]))) ++at;
            word("<url>");
            continue;
        }
        if (fresh && letter.code == '@' && at + 1 < text.size() &&
            !isMark(letterAt(text, at + 1).code) && !isSpace(letterAt(text, at + 1).code)) {
            ++at;
            while (at < text.size()) {
                const Letter next = letterAt(text, at);
                if (isSpace(next.code) || (isMark(next.code) && next.code != '_')) break;
                at += next.size;
            }
            word("<user>");
            continue;
        }
        at += letter.size;
        if (isSpace(letter.code)) {
            endToken();
            continue;
        }
        if (isDigit(letter.code)) {
            if (!in_number) {
                if (isMark(last)) endToken();
                folded_ += '#';
            }
            in_number = true;
            last = '#';
            continue;
        }
        in_number = false;
        const std::uint32_t small = toSmall(letter.code);
        const bool alone = standsAlone(small);
        // Marks and letters are tokens apart.
        if (folded_.back() != kBorder && last != 0 && (alone || isMark(small) != isMark(last)))
            endToken();
        repeated = small == last ? repeated + 1 : 1;
        last = small;
        if (repeated <= 2) append(folded_, small);
        if (alone) endToken();
    }
    endToken();
}

void FeatureExtractor::addLetters(std::string_view token) {
    // `token` with its borders: runs of two to five bytes, begun at each byte.
    constexpr std::size_t kShortest = 2;
    constexpr std::size_t kLongest = 5;
    for (std::size_t begin = 0; begin + kShortest <= token.size(); ++begin) {
        std::uint32_t hash = extend(kHashStart, '\x01');
        for (std::size_t size = 1; size <= kLongest && begin + size <= token.size(); ++size) {
            hash = extend(hash, token[begin + size - 1]);
            if (size >= kShortest) rows_.push_back(toRow(hash) & mask_);
        }
    }
}

void FeatureExtractor::addToken(std::string_view token) {
    std::uint32_t hash = kHashStart;
    for (const char byte : token) hash = extend(hash, byte);
    rows_.push_back(toRow(hash) & mask_);
    if (previous_ != 0) {
        std::uint32_t pair = previous_ * 31U + 7U;
        for (const char byte : token) pair = extend(pair, byte);
        rows_.push_back(toRow(pair) & mask_);
    }
    previous_ = hash;
}

const std::vector<std::uint32_t>& FeatureExtractor::extract(std::string_view text) {
    rows_.clear();
    previous_ = 0;
    fold(text.substr(0, kTextMax));
    const std::string_view folded = folded_;
    std::size_t begin = 1;
    while (begin < folded.size()) {
        const std::size_t end = folded.find(kBorder, begin);
        if (end == std::string_view::npos) break;
        const std::string_view token = folded.substr(begin, end - begin);
        if (token.size() <= kTokenMax) {
            addToken(token);
            addLetters(folded.substr(begin - 1, token.size() + 2));
        }
        begin = end + 1;
    }
    return rows_;
}

} // namespace hearback::linear
