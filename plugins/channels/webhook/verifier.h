// Whether a request was really sent by whom it should come from. The body is judged as the bytes
// that came, before anything of it is read.
#pragma once

#include <hearback/sdk/ingress.hpp>

#include <cstdint>
#include <string>

namespace hearback::webhook {

enum class Scheme { Standard, GitHub, Hmac, None };

struct VerifierSettings {
    Scheme scheme = Scheme::Standard;
    std::string secret;
    std::string header; // of the signature, for Hmac
    std::string prefix; // before the signature, for Hmac: "sha256="
    std::int64_t tolerance_s = 300;
};

// Why a request is refused: one word for the metric, a sentence for the sender. Nothing where it is
// genuine.
struct Refusal {
    const char* reason = nullptr;
    std::string text;
    explicit operator bool() const { return reason != nullptr; }
};

Refusal verify(const Request& request, const VerifierSettings& settings);

// The id that the sender gave the request, the same when it is sent again; empty where there is
// none.
std::string_view deliveryId(const Request& request);

} // namespace hearback::webhook
