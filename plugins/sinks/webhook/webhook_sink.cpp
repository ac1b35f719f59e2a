// The sink `webhook`: one signed request for each message, as
// https://www.standardwebhooks.com/ has it. The id is the same on every attempt.
#include <hearback/sdk/delivery_json.hpp>
#include <hearback/sdk/plugin.hpp>
#include <hearback/signatures/signatures.h>

#include <algorithm>
#include <charconv>

namespace {

using hearback::Status;

class WebhookSink final : public hearback::Sink {
  public:
    struct Settings {
        std::string url;
        std::string secret;
        std::string previous_secret;
        std::int64_t timeout_ms = 0;
    };
    static constexpr auto kAbout =
        hearback::about("webhook-out", "1.0.0", "Sends messages as signed HTTP requests")
            .needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Where to").required().between(8, 4096),
        hearback::setting("secret", &Settings::secret,
                          "Signs the requests: whsec_ and base64, or any text")
            .secret()
            .required(),
        hearback::setting("previous_secret", &Settings::previous_secret,
                          "Signs them too, while receivers change to the new one")
            .secret(),
        hearback::setting("timeout_ms", &Settings::timeout_ms, "How long an answer may take")
            .between(100, 60000)
            .defaultsTo(15000));

    explicit WebhookSink(hearback::Host& host) : host_(host) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        keys_ = {hearback::signatures::standardKey(settings.secret)};
        if (!settings.previous_secret.empty())
            keys_.push_back(hearback::signatures::standardKey(settings.previous_secret));
        return Status::ok();
    }

    // Any answer shows that the address is right and may be reached; the endpoint sees no message.
    Status check(std::string& report) override {
        hearback::HttpCall call;
        call.method = "HEAD";
        call.url = settings_.url;
        call.timeout_ms = settings_.timeout_ms;
        const auto answer = host_.send(call);
        report = answer.url + " answers (status " + std::to_string(answer.status) + ")";
        return Status::ok();
    }

    Status write(const std::vector<hearback::DeliveryView>& deliveries,
                 hearback::ResultsOut& results) override {
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) {
            if (host_.isCancelled()) return Status::cancelled();
            Status status = Status::ok();
            try {
                status = send(deliveries[i]);
            } catch (const hearback::Error& error) {
                status = error.status();
            }
            if (status.isOk()) {
                results.delivered(i, "");
                continue;
            }
            if (status.code() == HB_END) {
                results.gone(i, status.text());
                return Status::config("/url", status.text());
            }
            // An endpoint that does not answer is not asked for each message of the batch.
            if (status.code() != HB_ITEM_INVALID) return status;
            results.failed(i, status);
        }
        return Status::ok();
    }

  private:
    static const char* typeOf(const hearback::MessageView& message) {
        if (message.deleted_at_us != 0) return "feedback.deleted";
        return message.edited_at_us != 0 || message.revision > 0 ? "feedback.updated"
                                                                 : "feedback.created";
    }

    Status send(const hearback::DeliveryView& delivery) {
        const std::int64_t now = host_.nowUs();
        hearback::HttpCall call;
        call.method = "POST";
        call.url = settings_.url;
        call.timeout_ms = settings_.timeout_ms;
        call.max_response_bytes = 1 << 20;
        call.body = nlohmann::json{{"type", typeOf(delivery.message)},
                                   {"timestamp", hearback::formatRfc3339(now)},
                                   {"data", hearback::toJson(delivery)}}
                        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        const std::string id(delivery.idempotency_key);
        const std::int64_t seconds = now / 1000000;
        call.headers = {{"Content-Type", "application/json"},
                        {"webhook-id", id},
                        {"webhook-timestamp", std::to_string(seconds)},
                        {"webhook-signature", signatures(id, seconds, call.body)}};
        return judge(host_.send(call));
    }

    // One for each key, with a space between: a receiver takes whichever it knows.
    std::string signatures(const std::string& id, std::int64_t seconds,
                           const std::string& body) const {
        std::string all;
        for (const std::string& key : keys_)
            all += (all.empty() ? "" : " ") +
                   hearback::signatures::standardSignature(key, id, seconds, body);
        return all;
    }

    // Only 2xx is success. What is too large or malformed to the other side stays so; everything
    // else may be better later.
    static Status judge(const hearback::HttpAnswer& answer) {
        if (answer.status >= 200 && answer.status < 300) return Status::ok();
        const std::string text =
            "the endpoint answered with status " + std::to_string(answer.status);
        switch (answer.status) {
        case 400:
        case 413:
        case 422: return Status::itemInvalid(text);
        case 401:
        case 403: return Status::auth(text);
        case 410: return Status::fromHost(HB_END, text + ": it wants nothing any more");
        case 429:
        case 503: return Status::rateLimited(retryAfter(answer), text);
        default: return Status::unavailable(text);
        }
    }

    static std::chrono::milliseconds retryAfter(const hearback::HttpAnswer& answer) {
        const std::string_view text = answer.header("Retry-After");
        std::int64_t seconds = 0;
        std::from_chars(text.data(), text.data() + text.size(), seconds);
        return std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86400));
    }

    hearback::Host& host_;
    Settings settings_;
    std::vector<std::string> keys_;
};

} // namespace

HEARBACK_PLUGIN(WebhookSink)
