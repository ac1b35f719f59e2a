// The classifier `keywords`: labels for messages that hold given words. All words of all labels are
// looked for at once, in time linear in the text.
#include <hearback/sdk/plugin.hpp>

#include <re2/re2.h>
#include <re2/set.h>

#include <memory>

namespace {

using hearback::Status;

constexpr std::size_t kWordsMax = 10000;
constexpr std::int64_t kMemory = 64 << 20;

class Keywords final : public hearback::Classifier {
  public:
    struct Settings {
        nlohmann::json sets;
        bool whole_words = true;
    };
    static constexpr auto kAbout =
        hearback::about("keywords", "1.0.0", "Labels for messages that hold given words")
            .task("keywords");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("sets", &Settings::sets,
                          "Labels with their words: [{ label = \"refund\", words = [\"refund\", "
                          "\"money back\"], patterns = [\"chargeback\\\\w*\"] }]; patterns are "
                          "regular expressions of RE2")
            .schema(R"("type":"array","minItems":1,"maxItems":500,"items":{"type":"object",)"
                    R"("additionalProperties":false,"required":["label"],"properties":{)"
                    R"("label":{"type":"string","minLength":1,"maxLength":64},)"
                    R"("words":{"type":"array","items":{"type":"string","minLength":1}},)"
                    R"("patterns":{"type":"array","items":{"type":"string","minLength":1}}}})")
            .required(),
        hearback::setting("whole_words", &Settings::whole_words,
                          "Words count only where they stand by themselves")
            .defaultsTo(true));

    explicit Keywords(hearback::Host&) {}

    Status configure(const Settings& settings) {
        RE2::Options options;
        options.set_case_sensitive(false);
        options.set_log_errors(false);
        options.set_max_mem(kMemory);
        auto set = std::make_unique<RE2::Set>(options, RE2::UNANCHORED);
        entries_.clear();
        labels_.clear();
        std::string everything;
        std::size_t number = 0;
        for (const auto& each : settings.sets) {
            const std::string path = "/sets/" + std::to_string(number++);
            const auto label = each.at("label").get<std::string>();
            labels_.push_back(label);
            for (const auto& word : each.value("words", nlohmann::json::array())) {
                const auto text = word.get<std::string>();
                std::string pattern = RE2::QuoteMeta(text);
                // \b knows ASCII only: a border is where no letter or digit of any script is.
                if (settings.whole_words)
                    pattern = "(?:^|[^\\pL\\pN])" + pattern + "(?:$|[^\\pL\\pN])";
                if (!add(*set, pattern, label, text, nullptr))
                    return Status::config(path + "/words", "cannot be looked for: " + text);
            }
            for (const auto& pattern : each.value("patterns", nlohmann::json::array())) {
                std::string problem;
                if (!add(*set, pattern.get<std::string>(), label, "", &problem))
                    return Status::config(path + "/patterns",
                                          "is no regular expression: " + problem);
            }
            everything += each.dump() + "\n";
        }
        if (entries_.empty()) return Status::config("/sets", "holds no words");
        if (entries_.size() > kWordsMax)
            return Status::config("/sets",
                                  "holds more than " + std::to_string(kWordsMax) + " words");
        if (!set->Compile())
            return Status::config("/sets", "needs too much memory: use fewer or simpler patterns");
        set_ = std::move(set);
        version_ = "keywords/" + std::to_string(std::hash<std::string>()(everything) % 100000000);
        return Status::ok();
    }

    std::string modelVersion() const override { return version_; }
    std::vector<std::string> labels() const override { return labels_; }

    Status classify(const std::vector<hearback::MessageView>& messages,
                    hearback::AnnotationsOut& out) override {
        std::string text;
        std::vector<int> found;
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            text.assign(messages[i].subject).append("\n").append(messages[i].text);
            found.clear();
            RE2::Set::ErrorInfo error{};
            if (!set_->Match(text, &found, &error) && error.kind != RE2::Set::kNoError)
                return Status::itemInvalid("the words cannot be looked for in a message");
            std::sort(found.begin(), found.end());
            std::string_view last;
            for (const int index : found) {
                const Entry& entry = entries_[static_cast<std::size_t>(index)];
                if (entry.label == last) continue; // the first word of each label
                last = entry.label;
                hearback::Label label;
                label.label = entry.label;
                label.score = 1;
                label.confidence = 1;
                label.reason = entry.word;
                out.add(i, label);
            }
        }
        return Status::ok();
    }

  private:
    struct Entry {
        std::string label;
        std::string word; // empty for a pattern
    };

    bool add(RE2::Set& set, const std::string& pattern, const std::string& label,
             const std::string& word, std::string* problem) {
        std::string text;
        if (set.Add(pattern, &text) < 0) {
            if (problem != nullptr) *problem = text;
            return false;
        }
        entries_.push_back({label, word});
        return true;
    }

    std::unique_ptr<RE2::Set> set_;
    std::vector<Entry> entries_;
    std::vector<std::string> labels_;
    std::string version_;
};

} // namespace

HEARBACK_PLUGIN(Keywords)
