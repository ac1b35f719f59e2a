// A first channel: asks a shop for its reviews, as JSON, and brings in what is new or changed.
#include <hearback/sdk/plugin.hpp>
#include <hearback/sdk/time.hpp>

using hearback::Status;

class Reviews final : public hearback::Channel {
  public:
    struct Settings {
        std::string url;
        std::int64_t every_s = 0;
    };
    static constexpr auto kAbout =
        hearback::about("reviews", "1.0.0", "Reviews of a shop, as JSON").needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Where the reviews are").required(),
        hearback::setting("every_s", &Settings::every_s, "Seconds between two looks")
            .between(1, 86400)
            .defaultsTo(60));

    explicit Reviews(hearback::Host& host) : host_(host) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits&) override {
        const auto answer = host_.send({"GET", settings_.url});
        if (answer.status != 200)
            return Status::unavailable("the shop answers " + std::to_string(answer.status));
        for (const auto& review : nlohmann::json::parse(answer.body))
            batch.add()
                .externalId(review.at("id").get<std::string>()) // stored once, however often seen
                .kind(hearback::Kind::Review)
                .text(review.at("text").get<std::string>())
                .rating(review.at("stars").get<double>(), 1, 5)
                .occurredAt(hearback::parseTime(review.at("at").get<std::string>()).value_or(0));
        batch.pollAgainIn(settings_.every_s * 1000);
        return Status::ok();
    }

  private:
    hearback::Host& host_;
    Settings settings_;
};

HEARBACK_PLUGIN(Reviews)
