// A channel that acts: it brings one question, and writes what it is told to do into a file. What
// the file of moods names decides how: "unclear" does it and then says that it does not know.
#include <hearback/sdk/plugin.hpp>

#include <fstream>

namespace {

using hearback::ActionKind;
using hearback::Capability;
using hearback::Idempotency;
using hearback::Status;

class Forum final : public hearback::Channel, public hearback::Actions {
  public:
    struct Settings {
        std::string done;
        std::string mood;
    };
    static constexpr auto kAbout =
        hearback::about("forum", "1.0.0", "Brings a question and takes answers").needs("files");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("done", &Settings::done, "File of what was done").required(),
        hearback::setting("mood", &Settings::mood, "File of its mood").required());
    explicit Forum(hearback::Host&) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    Status poll(hearback::BatchOut& batch, const hearback::PollLimits&) override {
        if (has_asked_) return Status::again();
        has_asked_ = true;
        batch.add().externalId("question-1").text("Does it work in the rain?");
        batch.checkpoint("asked");
        return Status::ok();
    }
    Status start(std::optional<std::string_view> checkpoint) override {
        has_asked_ = checkpoint.has_value();
        return Status::ok();
    }

    Status capabilities(const hearback::MessageView*, hearback::CapabilitiesOut& out) override {
        out.add(Capability::of(ActionKind::Reply, Idempotency::None));
        out.add(Capability::of(ActionKind::Like, Idempotency::NaturalKey));
        out.add(Capability::of(ActionKind::Delete, Idempotency::NaturalKey)
                    .notNow("only moderators may"));
        return Status::ok();
    }
    Status act(const hearback::ActionView& action, hearback::ActionResult& result) override {
        std::ofstream(settings_.done, std::ios::app)
            << action.target_external_id << " " << static_cast<int>(action.kind) << " "
            << action.attempt << " " << action.text << "\n";
        std::string mood;
        std::ifstream(settings_.mood) >> mood;
        if (mood == "unclear") return Status::unavailable("the forum did not answer");
        result = hearback::ActionResult::done("answer-1");
        return Status::ok();
    }

  private:
    Settings settings_;
    bool has_asked_ = false;
};

} // namespace

HEARBACK_PLUGIN(Forum)
