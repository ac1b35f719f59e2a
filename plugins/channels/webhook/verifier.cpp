#include "verifier.h"

#include <hearback/signatures/signatures.h>

#include <array>
#include <charconv>
#include <optional>

namespace hearback::webhook {

namespace {

using signatures::equal;
using signatures::fromBase64;
using signatures::fromHex;
using signatures::hmacSha256;

// https://www.standardwebhooks.com/: id, timestamp and signature in headers, the signature over all
// three, the timestamp at most some minutes off.
Refusal verifyStandard(const Request& request, const VerifierSettings& settings) {
    const std::string_view id = request.header("webhook-id");
    const std::string_view time = request.header("webhook-timestamp");
    const std::string_view signature = request.header("webhook-signature");
    if (id.empty() || time.empty() || signature.empty())
        return {"signature_missing",
                "the headers webhook-id, webhook-timestamp and webhook-signature are needed"};
    std::int64_t timestamp = 0;
    const auto [end, error] = std::from_chars(time.data(), time.data() + time.size(), timestamp);
    if (error != std::errc() || end != time.data() + time.size())
        return {"timestamp", "webhook-timestamp is no number of seconds since 1970"};
    const std::string key = signatures::standardKey(settings.secret);
    if (!signatures::isStandardSignature(key, id, timestamp, request.body, signature))
        return {"signature", "the signature does not fit the body"};
    const std::int64_t now = request.received_at_us / 1000000;
    if (timestamp < now - settings.tolerance_s)
        return {"timestamp", "webhook-timestamp is too old: is this a replay, or a wrong clock?"};
    if (timestamp > now + settings.tolerance_s)
        return {"timestamp", "webhook-timestamp lies in the future: is a clock wrong?"};
    return {};
}

// Hexadecimal or base64, told by its length: a SHA-256 has 32 bytes.
std::optional<std::string> decoded(std::string_view text) {
    if (text.size() == 64) return fromHex(text);
    return fromBase64(text);
}

Refusal verifyHmac(const Request& request, const std::string& header, const std::string& prefix,
                   const std::string& secret) {
    std::string_view signature = request.header(header);
    if (signature.empty()) return {"signature_missing", "the header " + header + " is needed"};
    if (signature.substr(0, prefix.size()) != prefix)
        return {"signature", "the signature does not begin with " + prefix};
    signature.remove_prefix(prefix.size());
    const auto mac = decoded(signature);
    if (!mac || !equal(*mac, hmacSha256(secret, request.body)))
        return {"signature", "the signature does not fit the body"};
    return {};
}

} // namespace

Refusal verify(const Request& request, const VerifierSettings& settings) {
    switch (settings.scheme) {
    case Scheme::Standard: return verifyStandard(request, settings);
    case Scheme::GitHub:
        return verifyHmac(request, "X-Hub-Signature-256", "sha256=", settings.secret);
    case Scheme::Hmac:
        return verifyHmac(request, settings.header, settings.prefix, settings.secret);
    case Scheme::None: break;
    }
    return {};
}

std::string_view deliveryId(const Request& request) {
    constexpr std::array<std::string_view, 3> kHeaders = {"webhook-id", "X-GitHub-Delivery",
                                                          "Idempotency-Key"};
    for (const std::string_view header : kHeaders) {
        const std::string_view id = request.header(header);
        if (!id.empty() && id.size() <= 256) return id;
    }
    return {};
}

} // namespace hearback::webhook
