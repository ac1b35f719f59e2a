// A classifier that sleeps: over its first answers so long, over the later ones not at all.
#include <hearback/sdk/plugin.hpp>

#include <thread>

namespace {

class SleepyClassifier final : public hearback::Classifier {
  public:
    struct Settings {
        std::int64_t sleep_ms = 0;
        std::int64_t answers = 0;
    };
    static constexpr auto kAbout =
        hearback::about("sleepy", "1.0.0", "Sleeps").task("mood").labels("awake");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("sleep_ms", &Settings::sleep_ms, "How long").defaultsTo(1000),
        hearback::setting("answers", &Settings::answers, "Over how many answers").defaultsTo(1));
    explicit SleepyClassifier(hearback::Host&) {}
    hearback::Status configure(const Settings& settings) {
        settings_ = settings;
        return hearback::Status::ok();
    }
    std::string modelVersion() const override { return "sleepy/1"; }
    hearback::Status classify(const std::vector<hearback::MessageView>& messages,
                              hearback::AnnotationsOut& out) override {
        if (settings_.answers-- > 0)
            std::this_thread::sleep_for(std::chrono::milliseconds(settings_.sleep_ms));
        for (std::uint32_t i = 0; i < messages.size(); ++i) out.add(i, {"awake", 1, 1, ""});
        return hearback::Status::ok();
    }

  private:
    Settings settings_;
};

} // namespace

HEARBACK_PLUGIN(SleepyClassifier)
