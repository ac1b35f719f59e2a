// The classifier `language`: which language a text is in, by CLD2.
#include <hearback/sdk/plugin.hpp>

// CLD2's header uses FILE and forgets to say so.
#include <cstdio>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

#include <algorithm>

namespace {

using hearback::Status;

// CLD2's older codes, and the one for "not known", as BCP 47 has them.
std::string_view toTag(std::string_view code) {
    if (code == "un" || code == "xxx" || code.empty()) return "und";
    if (code == "iw") return "he";
    if (code == "jw") return "jv";
    if (code == "in") return "id";
    if (code == "mo") return "ro";
    return code;
}

class Language final : public hearback::Classifier {
  public:
    struct Settings {
        std::vector<std::string> languages;
        std::int64_t min_bytes = 0;
    };
    static constexpr auto kAbout =
        hearback::about("language", "1.0.0", "The language of a text (CLD2)").task("language");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("languages", &Settings::languages,
                          "Only these, such as [\"en\", \"de\"]; any other becomes \"und\". "
                          "Empty: all")
            .defaultsToJson("[]"),
        hearback::setting("min_bytes", &Settings::min_bytes,
                          "Shorter texts are \"und\": nobody can tell")
            .between(0, 1000)
            .defaultsTo(4));

    explicit Language(hearback::Host&) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    std::string modelVersion() const override {
        return std::string("cld2-") + CLD2::DetectLanguageVersion();
    }

    Status classify(const std::vector<hearback::MessageView>& messages,
                    hearback::AnnotationsOut& out) override {
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            std::string text(messages[i].subject);
            if (!text.empty()) text += "\n";
            text += messages[i].text;
            out.add(i, detect(text));
        }
        return Status::ok();
    }

  private:
    hearback::Label detect(const std::string& text) const {
        constexpr int kBestEffort = 0x4000; // kCLDFlagBestEffort: an answer for short texts too
        hearback::Label label;
        label.label = "und";
        if (static_cast<std::int64_t>(text.size()) < settings_.min_bytes) return label;
        CLD2::Language languages[3] = {};
        int percents[3] = {};
        double scores[3] = {};
        int bytes = 0;
        bool reliable = false;
        const CLD2::CLDHints hints{nullptr, nullptr, CLD2::UNKNOWN_ENCODING,
                                   CLD2::UNKNOWN_LANGUAGE};
        const CLD2::Language best = CLD2::ExtDetectLanguageSummary(
            text.data(), static_cast<int>(text.size()), true, &hints, kBestEffort, languages,
            percents, scores, nullptr, &bytes, &reliable);
        const std::string_view tag = toTag(CLD2::LanguageCode(best));
        const auto& wanted = settings_.languages;
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), tag) == wanted.end())
            return label;
        label.label = tag;
        label.score = scores[0];
        label.confidence = tag == "und" ? 0 : reliable ? percents[0] / 100.0 : percents[0] / 200.0;
        return label;
    }

    Settings settings_;
};

} // namespace

HEARBACK_PLUGIN(Language)
