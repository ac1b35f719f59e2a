// Asks a shop for its reviews, as JSON, and brings in what is new or changed.
#include <hearback/sdk/plugin.hpp>

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

    // All is read again; what is known already is stored once.
    Status start(std::optional<std::string_view>) override {
        next_ = 0;
        return Status::ok();
    }

    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override {
        const auto answer = host_.send({"GET", settings_.url});
        if (const Status outcome = answer.pollOutcome(); !outcome.isOk()) return outcome;
        const auto reviews = nlohmann::json::parse(answer.body, nullptr, false);
        if (!reviews.is_array()) return Status::unavailable("the shop's answer is no list");
        const std::size_t end = std::min(reviews.size(), next_ + limits.max_items);
        for (; next_ < end; ++next_) add(reviews[next_], batch);
        if (end < reviews.size()) {
            batch.hasMore(true);
        } else {
            next_ = 0;
            batch.pollAgainIn(settings_.every_s * 1000);
        }
        return Status::ok();
    }

  private:
    // A piece that cannot be read is kept with its cause, and spoils no other.
    static void add(const nlohmann::json& review, hearback::BatchOut& batch) try {
        const auto id = review.at("id").get<std::string>(); // stored once, however often seen
        const auto text = review.at("text").get<std::string>();
        const auto stars = review.at("stars").get<double>();
        const auto at_s = review.at("at").get<std::int64_t>();
        batch.add()
            .externalId(id)
            .kind(hearback::Kind::Review)
            .text(text)
            .rating(stars, 1, 5)
            .occurredAt(at_s * 1000000);
    } catch (const nlohmann::json::exception& error) {
        batch.reject(error.what(), review.dump(), "");
    }

    hearback::Host& host_;
    Settings settings_;
    std::size_t next_ = 0; // of a list that is longer than a batch
};

HEARBACK_PLUGIN(Reviews)
