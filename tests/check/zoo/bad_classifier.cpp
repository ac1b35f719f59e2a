// A good classifier that breaks one rule where it is told to: is a message urgent?
#include "bad.h"

#include <hearback/sdk/plugin.hpp>

#include <atomic>
#include <thread>

using hearback::Status;

class BadClassifier final : public hearback::Classifier {
  public:
    static constexpr auto kAbout =
        hearback::about("bad-classifier", "1.0.0", "Whether a message is urgent")
            .task("urgency")
            .labels("urgent", "calm")
            .maxConcurrency(4);

    explicit BadClassifier(hearback::Host&) : number_(++instances_) {}
    std::string modelVersion() const override { return "bad-classifier/1"; }
    Status classify(const std::vector<hearback::MessageView>& messages,
                    hearback::AnnotationsOut& out) override {
        const int others = here_++;
        for (std::uint32_t i = 0; i < messages.size(); ++i) {
            const std::string_view text = messages[i].text;
            if (text.size() > 32768 && bad("classify/hard-texts"))
                return Status::itemInvalid("the text is too long");
            out.add(i, answerTo(text, messages.size(), others));
        }
        // About a message that was not asked for.
        if (bad("classify/answers"))
            out.add(static_cast<std::uint32_t>(messages.size()), {"calm", 0, 0.6, ""});
        if (bad("threads/concurrent")) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        --here_;
        return Status::ok();
    }

  private:
    hearback::Label answerTo(std::string_view text, std::size_t asked, int others) const {
        const bool is_urgent = text.find("urgent") != std::string_view::npos;
        hearback::Label answer{is_urgent ? "urgent" : "calm", 0, 0.6, ""};
        if (bad("classify/labels")) answer.label = "furious";
        if (bad("classify/same-again")) answer.score = number_;
        if (bad("classify/alone")) answer.score = static_cast<double>(asked);
        if (bad("threads/concurrent")) answer.score = others;
        return answer;
    }

    static inline std::atomic<int> instances_{0};
    int number_;
    std::atomic<int> here_{0}; // calls under way
};
HEARBACK_PLUGIN(BadClassifier)
