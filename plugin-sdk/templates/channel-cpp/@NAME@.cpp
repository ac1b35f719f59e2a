// The channel @NAME@: asks a service for its reviews. Without a url it brings in a sample.
#include <hearback/sdk/plugin.hpp>

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
    // A checkpoint is "1 NEXT": its version, and which page comes next. Any other begins again.
    Status start(std::optional<std::string_view> checkpoint) override {
        const std::string_view note = checkpoint.value_or("");
        next_ = note.substr(0, 2) == "1 " ? note.substr(2) : "";
        return Status::ok();
    }
    Status poll(hearback::BatchOut& batch, const hearback::PollLimits&) override try {
        const auto page = nlohmann::json::parse(fetch());
        for (const auto& review : page.at("reviews")) add(review, batch);
        batch.pollAgainIn(page.at("next") == next_ ? 60000 : 0); // nothing new: in a minute
        batch.checkpoint("1 " + (next_ = page.at("next").get<std::string>()));
        return Status::ok();
    } catch (const nlohmann::json::exception& error) {
        return Status::unavailable(std::string("that is no page of reviews: ") + error.what());
    }

  private:
    std::string fetch() {
        const char* const sample = R"({"reviews": [{"id": "1", "text": "A lamp!"}], "next": "1"})";
        if (url_.empty()) return next_.empty() ? sample : R"({"reviews": [], "next": "1"})";
        hearback::HttpCall call;
        call.url = url_ + "?after=" + next_;
        const auto answer = host_.send(call);
        if (answer.status == 200) return answer.body;
        throw hearback::Error(Status::unavailable("HTTP status " + std::to_string(answer.status)));
    }
    // One that cannot be read is kept with its cause and spoils no other.
    void add(const nlohmann::json& review, hearback::BatchOut& batch) try {
        const auto id = review.at("id").get<std::string>();
        const auto text = review.at("text").get<std::string>();
        batch.add().externalId(id).text(text);
    } catch (const nlohmann::json::exception& error) {
        batch.reject(error.what(), review.dump(), "after " + next_);
    }

    hearback::Host& host_;
    std::string url_, next_;
};
HEARBACK_PLUGIN(@CLASS@Channel)
