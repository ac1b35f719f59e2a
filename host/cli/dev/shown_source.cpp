#include "cli/dev/shown_source.h"

#include "hearback/v1/feedback.pb.h"
#include "hearback/v1/host.pb.h"

#include <utility>

namespace hearback::cli::dev {

namespace {

using pipeline::Answer;
using pipeline::Verdict;

std::string countOf(int count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string describe(const v1::FeedbackMessage& message) {
    std::string text = message.external_id();
    if (message.deleted_at_us() != 0) text += " (deleted)";
    if (message.has_rating())
        text += " " + std::to_string(static_cast<int>(message.rating().value())) + "/" +
                std::to_string(static_cast<int>(message.rating().scale_max()));
    if (!message.author().display_name().empty())
        text += " " + fitTo(message.author().display_name(), 20);
    return fitTo(text, 60) + "  " + shown(message.text());
}

class ShownSource final : public pipeline::Source {
  public:
    ShownSource(std::unique_ptr<pipeline::Source> source, Console& console)
        : source_(std::move(source)), console_(console) {}

    const std::string& name() const override { return source_->name(); }
    const std::string& plugin() const override { return source_->plugin(); }
    std::size_t maxInflight() const override { return source_->maxInflight(); }
    bool polls() const override { return source_->polls(); }
    bool receives() const override { return source_->receives(); }

    Answer start(const std::optional<std::string>& checkpoint) override {
        Answer answer = source_->start(checkpoint);
        const std::string from =
            checkpoint ? "from checkpoint " + shown(*checkpoint) : "from the beginning";
        if (answer.isOk())
            console_.say("start", from, Style::Green);
        else
            tellFailure("start", answer);
        return answer;
    }
    Answer poll(const pipeline::PollLimits& limits) override {
        Answer answer = source_->poll(limits);
        if (answer.isOk() || answer.verdict == Verdict::End)
            tellBatch("poll", answer.bytes);
        else
            tellFailure("poll", answer);
        if (answer.verdict == Verdict::End) console_.say("poll", "END (2): it has come to its end");
        return answer;
    }
    Answer receive(const std::string& path, std::string_view request) override {
        Answer answer = source_->receive(path, request);
        v1::IngressReply reply;
        if (!answer.isOk()) {
            tellFailure("receive", answer);
        } else if (reply.ParseFromString(answer.bytes)) {
            console_.say("receive", "answered with HTTP status " + std::to_string(reply.status()) +
                                        (reply.refused().empty() ? "" : ", " + reply.refused()));
            tellBatch("receive", reply.batch().SerializeAsString());
        }
        return answer;
    }
    void ack(std::uint64_t batch_id, bool stored) override {
        if (!stored) console_.say("ack", "the batch was not stored", Style::Yellow);
        source_->ack(batch_id, stored);
    }
    Answer decode(std::string_view payload) override { return source_->decode(payload); }
    std::vector<pipeline::Route> routes() const override { return source_->routes(); }
    bool acts() const override { return source_->acts(); }
    Answer capabilities(std::string_view request) override {
        return source_->capabilities(request);
    }
    Answer act(std::string_view action) override { return source_->act(action); }
    void cancel() override { source_->cancel(); }
    void stop() override { source_->stop(); }
    void onWake(std::function<void()> wake) override { source_->onWake(std::move(wake)); }
    Answer health() const override { return source_->health(); }

  private:
    void tellFailure(const char* function, const Answer& answer) {
        // Nothing now, and a call that was asked to return, are how it should be.
        if (answer.verdict == Verdict::Again || answer.verdict == Verdict::Cancelled) return;
        console_.say(function, dev::describe(answer), Style::Red);
    }
    void tellBatch(const char* function, const std::string& bytes) {
        v1::FeedbackBatch batch;
        if (!batch.ParseFromString(bytes)) {
            console_.say(function, "what it wrote is no FeedbackBatch", Style::Red);
            return;
        }
        if (batch.messages_size() + batch.rejects_size() == 0) return;
        std::string text = countOf(batch.messages_size(), "message", "messages");
        if (batch.rejects_size() > 0)
            text += ", " + countOf(batch.rejects_size(), "reject", "rejects");
        if (!batch.checkpoint().empty()) text += ", checkpoint " + shown(batch.checkpoint());
        console_.say(function, text, Style::Cyan);
        for (const v1::FeedbackMessage& message : batch.messages())
            console_.say("message", describe(message));
        for (const v1::Reject& reject : batch.rejects())
            console_.say("reject", fitTo(reject.cause(), 80) + "  " + shown(reject.payload()),
                         Style::Yellow);
    }

    const std::unique_ptr<pipeline::Source> source_;
    Console& console_;
};

} // namespace

std::unique_ptr<pipeline::Source> shownSource(std::unique_ptr<pipeline::Source> source,
                                              Console& console) {
    return std::make_unique<ShownSource>(std::move(source), console);
}

} // namespace hearback::cli::dev
