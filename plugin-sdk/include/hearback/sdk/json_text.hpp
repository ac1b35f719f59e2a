// Writing JSON at compile time, so that a manifest lies in the library as plain data.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace hearback::detail {

// Appends JSON to `out`, or only counts where `out` is null.
class JsonText {
  public:
    constexpr explicit JsonText(char* out = nullptr) : out_(out) {}

    constexpr std::size_t size() const { return size_; }
    constexpr JsonText& raw(std::string_view text) {
        for (const char c : text) put(c);
        return *this;
    }
    constexpr JsonText& quoted(std::string_view text) {
        put('"');
        for (const char c : text) {
            if (c == '"' || c == '\\') {
                put('\\');
                put(c);
            } else if (static_cast<unsigned char>(c) < 0x20) {
                raw("\\u00");
                put(c < 0x10 ? '0' : '1');
                put("0123456789abcdef"[c & 0x0f]);
            } else {
                put(c);
            }
        }
        put('"');
        return *this;
    }
    // `,` before every member but the first: `first` is the caller's note.
    constexpr JsonText& key(std::string_view name, bool& first) {
        if (!first) put(',');
        first = false;
        quoted(name);
        put(':');
        return *this;
    }
    constexpr JsonText& number(std::int64_t value) {
        if (value < 0) put('-');
        // Negated digit by digit: the smallest number has no positive twin.
        std::array<char, 20> digits{};
        std::size_t count = 0;
        do {
            const auto digit = value % 10;
            digits[count++] = static_cast<char>('0' + (digit < 0 ? -digit : digit));
            value /= 10;
        } while (value != 0);
        while (count > 0) put(digits[--count]);
        return *this;
    }
    // Six decimals are enough for a setting's limit or default.
    constexpr JsonText& number(double value) {
        if (value < 0) {
            put('-');
            value = -value;
        }
        // Not std::lround, which is not constexpr. NOLINTNEXTLINE(bugprone-incorrect-roundings)
        const auto millionths = static_cast<std::int64_t>(value * 1e6 + 0.5);
        number(millionths / 1000000);
        std::int64_t rest = millionths % 1000000;
        if (rest == 0) return *this;
        put('.');
        for (std::int64_t unit = 100000; rest != 0; unit /= 10) {
            put(static_cast<char>('0' + rest / unit));
            rest %= unit;
        }
        return *this;
    }
    constexpr JsonText& boolean(bool value) { return raw(value ? "true" : "false"); }

  private:
    constexpr void put(char c) {
        if (out_ != nullptr) out_[size_] = c;
        ++size_;
    }

    char* out_;
    std::size_t size_ = 0;
};

} // namespace hearback::detail
