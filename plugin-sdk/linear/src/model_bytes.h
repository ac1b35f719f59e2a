// The numbers of a model file: little endian, variable length.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearback::linear {

inline constexpr std::string_view kModelMagic = "HBLINEAR";
inline constexpr std::uint32_t kModelVersion = 1;
inline constexpr std::size_t kCardMax = 1 << 20;

template <class T>
void putNumber(std::string& out, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) out += static_cast<char>(value >> (8 * i) & 0xff);
}

template <class T>
std::optional<T> takeNumber(std::string_view& in) {
    if (in.size() < sizeof(T)) return std::nullopt;
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value |= static_cast<T>(static_cast<unsigned char>(in[i])) << (8 * i);
    in.remove_prefix(sizeof(T));
    return value;
}

inline void putVarint(std::string& out, std::uint32_t value) {
    while (value >= 0x80) {
        out += static_cast<char>(value | 0x80U);
        value >>= 7U;
    }
    out += static_cast<char>(value);
}

inline std::optional<std::uint32_t> takeVarint(std::string_view& in) {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 32 && !in.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(in.front());
        in.remove_prefix(1);
        value |= static_cast<std::uint32_t>(byte & 0x7fU) << shift;
        if (byte < 0x80) return value;
    }
    return std::nullopt;
}

// FNV-1a, 64 bits.
inline std::uint64_t checksum(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
    return hash;
}

} // namespace hearback::linear
