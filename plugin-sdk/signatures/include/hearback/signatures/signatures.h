// Signatures of webhooks, made and checked. Comparisons take the same time whatever differs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace hearback::signatures {

// HMAC-SHA256 (RFC 2104), 32 bytes.
std::string hmacSha256(std::string_view key, std::string_view text);

std::string toHex(std::string_view bytes);
std::string toBase64(std::string_view bytes);
// None where the text is not in that form.
std::optional<std::string> fromHex(std::string_view text);
std::optional<std::string> fromBase64(std::string_view text);

bool equal(std::string_view a, std::string_view b);

// Standard Webhooks:
// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md The
// key of a secret: "whsec_" and base64, or any text as it is.
std::string standardKey(std::string_view secret);
// "v1,<base64>" over "id.timestamp.body".
std::string standardSignature(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                              std::string_view body);
// Is one of the signatures of the header, parted by spaces, right?
bool isStandardSignature(std::string_view key, std::string_view id, std::int64_t timestamp_s,
                         std::string_view body, std::string_view header);

} // namespace hearback::signatures
