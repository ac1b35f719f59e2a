// Does somebody shout?
#include <hearback/sdk/plugin.hpp>

#include <cctype>

class Shouting final : public hearback::Classifier {
  public:
    struct Settings {
        double share = 0;
    };
    static constexpr auto kAbout =
        hearback::about("shouting", "1.0.0", "Whether a text is written in capitals")
            .task("tone")
            .labels("calm", "shouting");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("share", &Settings::share, "Share of capitals from which a text shouts")
            .between(0, 1)
            .defaultsTo(0.7));

    explicit Shouting(hearback::Host&) {}

    hearback::Status configure(const Settings& settings) {
        settings_ = settings;
        return hearback::Status::ok();
    }
    std::string modelVersion() const override { return "shouting/1"; }

    hearback::Status classify(const std::vector<hearback::MessageView>& messages,
                              hearback::AnnotationsOut& out) override {
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            double letters = 0;
            double capitals = 0;
            for (const char each : messages[i].text) {
                const auto c = static_cast<unsigned char>(each);
                letters += std::isalpha(c) != 0 ? 1 : 0;
                capitals += std::isupper(c) != 0 ? 1 : 0;
            }
            if (letters == 0) continue; // nothing to say about this one
            const double share = capitals / letters;
            const bool loud = share >= settings_.share;
            out.add(i, {loud ? "shouting" : "calm", share, loud ? share : 1 - share, ""});
        }
        return hearback::Status::ok();
    }

  private:
    Settings settings_;
};

HEARBACK_PLUGIN(Shouting)
