#include "verifier.h"

#include <hearback/signatures/signatures.h>

#include "hearback/v1/host.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;
using webhook::Scheme;
using webhook::VerifierSettings;

namespace {

using HeaderList = std::vector<std::pair<std::string, std::string>>;

constexpr std::int64_t kArrival = 1614265330;

// A request with these headers and this body; the word for why it is refused, or "".
class SentRequest {
  public:
    SentRequest(const std::string& body, const HeaderList& headers,
                std::int64_t received_s = kArrival) {
        v1::IngressRequest request;
        request.set_body(body);
        request.set_received_at_us(received_s * 1000000);
        for (const auto& [name, value] : headers) {
            v1::HttpHeader& header = *request.add_headers();
            header.set_name(name);
            header.set_value(value);
        }
        bytes_ = request.SerializeAsString();
    }
    std::string refusal(const VerifierSettings& settings) const {
        const auto refused = webhook::verify(Request(bytes_), settings);
        CHECK(refused.text.empty() == !refused);
        return refused ? refused.reason : "";
    }
    std::string id() const { return std::string(webhook::deliveryId(Request(bytes_))); }

  private:
    std::string bytes_;
};

VerifierSettings standard() {
    VerifierSettings settings;
    settings.secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    return settings;
}

const std::string kStandardBody = "{\"test\": 2432232314}";

HeaderList standardHeaders() {
    return {{"Webhook-Id", "msg_p5jXN8AQM9LWM0D4loKWxJek"},
            {"Webhook-Timestamp", "1614265330"},
            {"Webhook-Signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}};
}

VerifierSettings gitHub() {
    VerifierSettings settings;
    settings.scheme = Scheme::GitHub;
    settings.secret = "It's a Secret to Everybody";
    return settings;
}

const std::string kGitHubSignature =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

VerifierSettings plainHmac(const std::string& prefix = "") {
    VerifierSettings settings;
    settings.scheme = Scheme::Hmac;
    settings.secret = "s3cret";
    settings.header = "X-Signature";
    settings.prefix = prefix;
    return settings;
}

} // namespace

TEST_CASE("the example of Standard Webhooks is taken", "[plugins]") {
    CHECK(SentRequest(kStandardBody, standardHeaders()).refusal(standard()) == "");
    HeaderList rotating = standardHeaders();
    rotating[2].second = "v1,AAAA " + rotating[2].second;
    CHECK(SentRequest(kStandardBody, rotating).refusal(standard()) == "");
}

TEST_CASE("a body that was changed on its way is refused", "[plugins]") {
    CHECK(SentRequest(kStandardBody + " ", standardHeaders()).refusal(standard()) == "signature");
    CHECK(SentRequest("", standardHeaders()).refusal(standard()) == "signature");
    HeaderList other_id = standardHeaders();
    other_id[0].second = "msg_other";
    CHECK(SentRequest(kStandardBody, other_id).refusal(standard()) == "signature");
    VerifierSettings other_secret = standard();
    other_secret.secret = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    CHECK(SentRequest(kStandardBody, standardHeaders()).refusal(other_secret) == "signature");
}

TEST_CASE("a request that is sent again much later is refused", "[plugins]") {
    const auto at = [](std::int64_t received_s) {
        return SentRequest(kStandardBody, standardHeaders(), received_s).refusal(standard());
    };
    CHECK(at(kArrival + 300) == "");
    CHECK(at(kArrival + 301) == "timestamp");
    CHECK(at(kArrival - 300) == "");
    CHECK(at(kArrival - 301) == "timestamp");
    VerifierSettings patient = standard();
    patient.tolerance_s = 3600;
    CHECK(SentRequest(kStandardBody, standardHeaders(), kArrival + 3600).refusal(patient) == "");
}

TEST_CASE("a request without its headers is refused", "[plugins]") {
    for (std::size_t missing = 0; missing < 3; ++missing) {
        HeaderList headers = standardHeaders();
        headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(missing));
        CHECK(SentRequest(kStandardBody, headers).refusal(standard()) == "signature_missing");
    }
    for (const char* time :
         {"now", "1614265330.5", "0x60", "1614265330 ", "99999999999999999999"}) {
        HeaderList headers = standardHeaders();
        headers[1].second = time;
        CHECK(SentRequest(kStandardBody, headers).refusal(standard()) == "timestamp");
    }
    for (const char* signature : {"v1", "v1,", "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
                                  "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}) {
        HeaderList headers = standardHeaders();
        headers[2].second = signature;
        CHECK(SentRequest(kStandardBody, headers).refusal(standard()) == "signature");
    }
}

TEST_CASE("the example of GitHub is taken and nothing else", "[plugins]") {
    const auto refusal = [](const std::string& body, const std::string& signature) {
        return SentRequest(body, {{"x-hub-signature-256", signature}}).refusal(gitHub());
    };
    CHECK(refusal("Hello, World!", kGitHubSignature) == "");
    CHECK(refusal("Hello, World", kGitHubSignature) == "signature");
    CHECK(refusal("Hello, World!", kGitHubSignature.substr(7)) == "signature");
    CHECK(refusal("Hello, World!", "sha256=") == "signature");
    CHECK(refusal("Hello, World!", kGitHubSignature.substr(0, 70)) == "signature");
    CHECK(refusal("Hello, World!", "sha1=" + kGitHubSignature.substr(7)) == "signature");
    CHECK(SentRequest("Hello, World!", {}).refusal(gitHub()) == "signature_missing");
    CHECK(SentRequest("Hello, World!", {{"X-Hub-Signature", kGitHubSignature}}).refusal(gitHub()) ==
          "signature_missing");
}

TEST_CASE("a plain HMAC may be hexadecimal or base64 and have a prefix", "[plugins]") {
    const std::string body = "{\"text\": \"caf\xC3\xA9\"}";
    const std::string mac = signatures::hmacSha256("s3cret", body);
    const auto refusal = [&](const std::string& signature, const std::string& prefix) {
        return SentRequest(body, {{"X-Signature", signature}}).refusal(plainHmac(prefix));
    };
    CHECK(refusal(signatures::toHex(mac), "") == "");
    CHECK(refusal(signatures::toBase64(mac), "") == "");
    CHECK(refusal("sha256=" + signatures::toHex(mac), "sha256=") == "");
    CHECK(refusal(signatures::toHex(mac), "sha256=") == "signature");
    CHECK(refusal("sha256=" + signatures::toHex(mac), "") == "signature");
    CHECK(refusal(signatures::toHex(mac.substr(1)), "") == "signature");
    CHECK(refusal(std::string(64, 'g'), "") == "signature");
    CHECK(refusal("not base64!", "") == "signature");
}

TEST_CASE("without a scheme everything is taken", "[plugins]") {
    VerifierSettings settings;
    settings.scheme = Scheme::None;
    CHECK(SentRequest("anything", {}).refusal(settings) == "");
}

TEST_CASE("a sender's own id of a request is found", "[plugins]") {
    CHECK(SentRequest("", {{"webhook-id", "msg_1"}}).id() == "msg_1");
    CHECK(SentRequest("", {{"x-github-delivery", "guid"}}).id() == "guid");
    CHECK(SentRequest("", {{"Idempotency-Key", "key"}}).id() == "key");
    CHECK(SentRequest("", {{"Idempotency-Key", "key"}, {"webhook-id", "msg_1"}}).id() == "msg_1");
    CHECK(SentRequest("", {}).id().empty());
    CHECK(SentRequest("", {{"webhook-id", std::string(257, 'x')}}).id().empty());
}
