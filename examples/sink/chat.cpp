// One line in a chat room for each message.
#include <hearback/sdk/plugin.hpp>

using hearback::Status;

class Chat final : public hearback::Sink {
  public:
    struct Settings {
        std::string url;
        std::string token;
    };
    static constexpr auto kAbout =
        hearback::about("chat", "1.0.0", "A line in a chat room for each message").needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Address of the room").required(),
        hearback::setting("token", &Settings::token, "Token of the bot").secret().required());

    explicit Chat(hearback::Host& host) : host_(host) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }

    Status write(const std::vector<hearback::DeliveryView>& deliveries,
                 hearback::ResultsOut& results) override {
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) {
            if (host_.isCancelled())
                return Status::cancelled(); // the rest is sent after the restart
            const auto& delivery = deliveries[i];
            hearback::HttpCall call;
            call.method = "POST";
            call.url = settings_.url;
            call.headers = {{"Authorization", "Bearer " + settings_.token},
                            {"Content-Type", "application/json"},
                            {"Idempotency-Key", std::string(delivery.idempotency_key)}};
            call.body = nlohmann::json{{"text", delivery.message.text}}.dump();
            const auto outcome = host_.send(call).outcome(); // throws where no answer came
            if (outcome.isOk())
                results.delivered(i, "");
            else if (outcome.code() == HB_ITEM_INVALID)
                results.failed(i, outcome);
            else
                return outcome; // what is not named above fails with it, and comes again
        }
        return Status::ok();
    }

  private:
    hearback::Host& host_;
    Settings settings_;
};

HEARBACK_PLUGIN(Chat)
