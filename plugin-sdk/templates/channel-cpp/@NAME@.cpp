// The channel @NAME@: asks a service for its reviews. Without a url it brings in a sample.
#include <hearback/sdk/plugin.hpp>

#include <cstdio>

using hearback::Status;

class @CLASS@Channel final : public hearback::Channel {
  public:
    struct Settings {
        std::string url;
    };
    static constexpr auto kAbout =
        hearback::about("@NAME@", "0.1.0", "Reviews of a service").needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Where the reviews are").defaultsTo(""));

    explicit @CLASS@Channel(hearback::Host& host) : host_(host) {}
    Status configure(const Settings& settings) {
        url_ = settings.url;
        return Status::ok();
    }
    // A checkpoint is "1 NEXT": its version, and the place of the next review in the service's list.
    // Any other begins again.
    Status start(std::optional<std::string_view> checkpoint) override {
        const std::string note(checkpoint.value_or(""));
        if (std::sscanf(note.c_str(), "1 %u", &next_) != 1) next_ = 0;
        return Status::ok();
    }
    Status poll(hearback::BatchOut& batch, const hearback::PollLimits& limits) override try {
        const auto page = nlohmann::json::parse(fetch());
        std::uint32_t read = 0;
        for (const auto& review : page.at("reviews"))
            if (read < limits.max_items) add(review, next_ + read++, batch);
        batch.pollAgainIn(read == 0 ? 60000 : 0); // nothing new: in a minute
        batch.checkpoint("1 " + std::to_string(next_ += read));
        return Status::ok();
    } catch (const nlohmann::json::exception& error) {
        return Status::unavailable(std::string("that is no page of reviews: ") + error.what());
    }

  private:
    std::string fetch() {
        if (url_.empty())
            return next_ == 0 ? R"({"reviews": [{"id": "1", "text": "A lamp!"}]})"
                              : R"({"reviews": []})";
        hearback::HttpCall call;
        call.url = url_ + "?from=" + std::to_string(next_);
        const auto answer = host_.send(call);
        if (const Status outcome = answer.pollOutcome(); !outcome.isOk())
            throw hearback::Error(outcome);
        return answer.body;
    }
    // One that cannot be read is kept with its cause and spoils no other.
    void add(const nlohmann::json& review, std::uint32_t place, hearback::BatchOut& batch) try {
        const auto id = review.at("id").get<std::string>();
        const auto text = review.at("text").get<std::string>();
        batch.add().externalId(id).kind(hearback::Kind::Review).text(text);
    } catch (const nlohmann::json::exception& error) {
        batch.reject(error.what(), review.dump(), "review " + std::to_string(place));
    }

    hearback::Host& host_;
    std::string url_;
    unsigned next_ = 0;
};
HEARBACK_PLUGIN(@CLASS@Channel)
