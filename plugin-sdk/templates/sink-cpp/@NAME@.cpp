// The sink @NAME@: sends each message to a service, as JSON.
#include <hearback/sdk/delivery_json.hpp>
#include <hearback/sdk/plugin.hpp>

using hearback::Status;

class @CLASS@Sink final : public hearback::Sink {
  public:
    struct Settings {
        std::string url;
        std::string token;
    };
    static constexpr auto kAbout =
        hearback::about("@NAME@", "0.1.0", "Messages for a service").needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Where they go").required(),
        hearback::setting("token", &Settings::token, "What it lets us in with").secret());

    explicit @CLASS@Sink(hearback::Host& host) : host_(host) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    Status write(const std::vector<hearback::DeliveryView>& deliveries,
                 hearback::ResultsOut& results) override {
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) {
            if (host_.isCancelled()) return Status::cancelled(); // the rest comes again
            const Status sent = send(deliveries[i]);
            if (sent.isOk())
                results.delivered(i, "");
            else if (sent.code() == HB_ITEM_INVALID)
                results.failed(i, sent);
            else
                return sent; // whatever is not named above fails with it, and comes again
        }
        return Status::ok();
    }

  private:
    Status send(const hearback::DeliveryView& delivery) try {
        hearback::HttpCall call;
        call.method = "POST";
        call.url = settings_.url;
        // The same delivery may come twice: by its key the service tells.
        call.headers = {{"Content-Type", "application/json"},
                        {"Idempotency-Key", std::string(delivery.idempotency_key)}};
        if (!settings_.token.empty())
            call.headers.emplace_back("Authorization", "Bearer " + settings_.token);
        call.body = hearback::toJson(delivery).dump();
        return host_.send(call).outcome();
    } catch (const hearback::Error& error) {
        return error.status(); // no answer came
    }

    hearback::Host& host_;
    Settings settings_;
};
HEARBACK_PLUGIN(@CLASS@Sink)
