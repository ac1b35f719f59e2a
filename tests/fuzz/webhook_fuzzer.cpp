// Requests to the channel `webhook`, through the host's entrance: header lines, an empty line, the
// body. Each request comes to a channel of every scheme, as it is and with the right signature.
#include "fuzz/messages.h"
#include "fuzz/plugin.h"
#include "fuzz/promise.h"
#include "intake/ingress.h"

#include <hearback/signatures/signatures.h>

#include <array>

using namespace hearback;
using hearback::fuzz::require;

namespace {

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

class StillClock final : public base::Clock {
  public:
    base::Micros now() const override { return fuzz::kNow; }
    base::Micros steady() const override { return 0; }
    void wait(std::unique_lock<std::mutex>&, std::condition_variable_any&, base::Micros) override {}
};

// The channel as the host's entrance sees it.
class Source final : public pipeline::Source {
  public:
    Source(std::string name, const std::string& settings)
        : name_(std::move(name)), channel_("webhook", settings) {
        require(channel_.start() == HB_OK, "the channel starts");
    }
    const std::string& name() const override { return name_; }
    const std::string& plugin() const override { return name_; }
    std::size_t maxInflight() const override { return 1; }
    bool receives() const override { return true; }
    bool polls() const override { return false; }
    pipeline::Answer start(const std::optional<std::string>&) override { return {}; }
    pipeline::Answer poll(const pipeline::PollLimits&) override { return {}; }
    void ack(std::uint64_t, bool) override {}
    pipeline::Answer decode(std::string_view payload) override {
        return toAnswer(channel_.decode(payload));
    }
    std::vector<pipeline::Route> routes() const override { return {{"", {"POST"}, 0}}; }
    pipeline::Answer receive(const std::string&, std::string_view request) override {
        return toAnswer(channel_.receive(request));
    }
    void cancel() override {}
    void stop() override {}
    void onWake(std::function<void()>) override {}

  private:
    static pipeline::Answer toAnswer(fuzz::Channel::Answer answer) {
        return {static_cast<pipeline::Verdict>(answer.status), std::move(answer.bytes), "", 0};
    }
    std::string name_;
    fuzz::Channel channel_;
};

// Stores everything at once.
class Entrance final : public pipeline::Entrance {
  public:
    base::Result<void> push(pipeline::Batch& batch, base::Micros) override {
        for (const auto& item : batch.items) fuzz::requireNormal(item.message);
        batch.finish(pipeline::Stored{});
        return {};
    }
};

struct House {
    StillClock clock;
    base::Metrics metrics;
    Entrance entrance;
    intake::Ingress ingress{entrance, clock, metrics, base::kSecond};
    Source open{"open", R"({"verify": "none"})"};
    Source standard{"standard", settings("standard", R"(, "items": "data.reviews")")};
    Source github{"github", settings("github", R"(, "fields": {"text": "issue.body"})")};
    Source hmac{"hmac", settings("hmac", R"(, "signature_header": "X-Signature",
                                          "signature_prefix": "v0=")")};

    House() {
        for (Source* source : {&open, &standard, &github, &hmac}) ingress.add(*source);
    }
    static std::string settings(const std::string& verify, const std::string& more) {
        return R"({"verify": ")" + verify + R"(", "secret": ")" + kSecret + "\"" + more + "}";
    }
};

void addHeader(v1::IngressRequest& request, std::string_view name, std::string_view value) {
    v1::HttpHeader& header = *request.add_headers();
    header.set_name(std::string(name));
    header.set_value(std::string(value));
}

v1::IngressRequest requestOf(std::string_view text) {
    v1::IngressRequest request;
    request.set_method("POST");
    request.set_received_at_us(fuzz::kNow);
    while (!text.empty()) {
        std::string_view line = fuzz::takeUntil(text, '\n');
        if (line.empty()) break;
        const std::string_view name = fuzz::takeUntil(line, ':');
        line.remove_prefix(line.substr(0, 1) == " " ? 1 : 0);
        addHeader(request, name, line);
    }
    request.set_body(std::string(text));
    return request;
}

// The same with the headers that make it genuine to every scheme.
v1::IngressRequest genuine(const v1::IngressRequest& request) {
    v1::IngressRequest sealed;
    const std::int64_t now = fuzz::kNow / base::kSecond;
    const std::string mac = signatures::hmacSha256(kSecret, request.body());
    addHeader(sealed, "webhook-id", "msg_1");
    addHeader(sealed, "Webhook-Timestamp", std::to_string(now));
    addHeader(sealed, "WEBHOOK-SIGNATURE",
              "v1,AAAA " + signatures::standardSignature(signatures::standardKey(kSecret), "msg_1",
                                                         now, request.body()));
    addHeader(sealed, "x-hub-signature-256", "sha256=" + signatures::toHex(mac));
    addHeader(sealed, "X-Signature", "v0=" + signatures::toBase64(mac));
    // The first header of a name is the one that counts.
    sealed.MergeFrom(request);
    return sealed;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static House house;
    const v1::IngressRequest request = requestOf(fuzz::toText(data, size));
    const v1::IngressRequest sealed = genuine(request);
    v1::IngressRequest forged = sealed;
    forged.mutable_body()->push_back(' ');
    for (const Source* source : {&house.open, &house.standard, &house.github, &house.hmac}) {
        const int as_it_is = house.ingress.handle(source->name(), request).status;
        require(as_it_is == 204 || as_it_is == 401 || as_it_is == 422, "a request has its answer");
        const int taken = house.ingress.handle(source->name(), sealed).status;
        require(taken == 204 || taken == 422, "what is genuine is looked at");
        const int refused = house.ingress.handle(source->name(), forged).status;
        require(source == &house.open || refused == 401, "what is forged is refused");
    }
    const auto again = house.open.decode(request.body());
    if (again.isOk())
        require(static_cast<bool>(fuzz::requireSound(again.bytes)), "a batch can be read");
    return 0;
}
