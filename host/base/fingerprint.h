// A number for a content, to tell what is the same from what is not. Stored in tables: it must
// never change. FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/
#pragma once

#include <cstdint>
#include <string_view>

namespace hearback::base {

class Fingerprint {
  public:
    // Parts are told apart by their length, so that "ab","c" is not "a","bc".
    Fingerprint& add(std::string_view text) {
        add(static_cast<std::int64_t>(text.size()));
        for (const char c : text) addByte(static_cast<unsigned char>(c));
        return *this;
    }
    Fingerprint& add(std::int64_t number) {
        auto bits = static_cast<std::uint64_t>(number);
        for (int i = 0; i < 8; ++i, bits >>= 8U) addByte(static_cast<unsigned char>(bits & 0xffU));
        return *this;
    }
    // As the databases have it: signed.
    std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

  private:
    void addByte(unsigned char byte) {
        hash_ ^= byte;
        hash_ *= 0x100000001b3U;
    }
    std::uint64_t hash_ = 0xcbf29ce484222325U;
};

} // namespace hearback::base
