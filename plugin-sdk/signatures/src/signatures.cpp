#include "hearback/signatures/signatures.h"

#include <array>
#include <sodium.h>

namespace hearback::signatures {

namespace {

const unsigned char* bytesOf(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

std::string hmacSha256(std::string_view key, std::string_view text) {
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, bytesOf(key), key.size());
    crypto_auth_hmacsha256_update(&state, bytesOf(text), text.size());
    crypto_auth_hmacsha256_final(&state, mac.data());
    return {mac.begin(), mac.end()};
}

std::string toHex(std::string_view bytes) {
    std::string text(bytes.size() * 2 + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), bytesOf(bytes), bytes.size());
    text.pop_back();
    return text;
}

std::string toBase64(std::string_view bytes) {
    std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
    sodium_bin2base64(text.data(), text.size(), bytesOf(bytes), bytes.size(),
                      sodium_base64_VARIANT_ORIGINAL);
    text.pop_back();
    return text;
}

std::optional<std::string> fromHex(std::string_view text) {
    std::string bytes(text.size() / 2 + 1, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_hex2bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                       text.size(), nullptr, &size, &end) != 0 ||
        end != text.data() + text.size())
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

std::optional<std::string> fromBase64(std::string_view text) {
    std::string bytes(text.size() + 1, '\0');
    std::size_t size = 0;
    const char* end = nullptr;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(),
                          text.size(), nullptr, &size, &end, sodium_base64_VARIANT_ORIGINAL) != 0 ||
        end != text.data() + text.size())
        return std::nullopt;
    bytes.resize(size);
    return bytes;
}

bool equal(std::string_view a, std::string_view b) {
    return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string standardKey(std::string_view secret) {
    constexpr std::string_view kPrefix = "whsec_";
    if (secret.substr(0, kPrefix.size()) != kPrefix) return std::string(secret);
    const auto key = fromBase64(secret.substr(kPrefix.size()));
    return key ? *key : std::string(secret);
}

std::string standardSignature(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                              std::string_view body) {
    std::string text(id);
    text += "." + std::to_string(timestamp_s) + ".";
    text += body;
    return "v1," + toBase64(hmacSha256(key, text));
}

bool isStandardSignature(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                         std::string_view body, std::string_view header) {
    const std::string wanted = standardSignature(key, id, timestamp_s, body);
    bool right = false;
    while (!header.empty()) {
        const auto space = header.find(' ');
        right = equal(header.substr(0, space), wanted) || right;
        header.remove_prefix(space == std::string_view::npos ? header.size() : space + 1);
    }
    return right;
}

} // namespace hearback::signatures
