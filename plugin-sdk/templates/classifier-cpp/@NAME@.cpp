// The classifier @NAME@: is a message urgent? It is where it holds one of some words.
#include <hearback/sdk/plugin.hpp>

#include <functional>

using hearback::Status;

class @CLASS@Classifier final : public hearback::Classifier {
  public:
    struct Settings {
        std::vector<std::string> words;
    };
    static constexpr auto kAbout =
        hearback::about("@NAME@", "0.1.0", "Whether a message is urgent")
            .task("urgency")
            .labels("urgent", "calm");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("words", &Settings::words, "Small letters; one is enough")
            .defaultsToJson(R"(["urgent", "immediately", "asap"])"));

    explicit @CLASS@Classifier(hearback::Host&) {}
    Status configure(const Settings& settings) {
        words_ = settings.words;
        return Status::ok();
    }
    // Other words may answer differently, so they are part of the version.
    std::string modelVersion() const override {
        std::string all;
        for (const std::string& word : words_) all += word + "\n";
        return "@NAME@/1-" + std::to_string(std::hash<std::string>()(all) % 100000000);
    }
    Status classify(const std::vector<hearback::MessageView>& messages,
                    hearback::AnnotationsOut& out) override {
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            const std::string found = firstWordIn(messages[i].text);
            if (found.empty())
                out.add(i, {"calm", 0, 0.6, ""});
            else
                out.add(i, {"urgent", 1, 0.9, found}); // the reason is shown to people
        }
        return Status::ok();
    }

  private:
    std::string firstWordIn(std::string_view text) const {
        std::string small(text);
        for (char& c : small)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        for (const std::string& word : words_)
            if (!word.empty() && small.find(word) != std::string::npos) return word;
        return "";
    }

    std::vector<std::string> words_;
};
HEARBACK_PLUGIN(@CLASS@Classifier)
