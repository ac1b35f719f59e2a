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

} // namespace

SourceProgress ShownSource::progress() const {
    const std::lock_guard lock(mutex_);
    SourceProgress progress = progress_;
    progress.is_drained = is_last_ && unsettled_ == 0;
    return progress;
}

void ShownSource::expectBegin() {
    const std::lock_guard lock(mutex_);
    progress_ = {};
}

Answer ShownSource::start(const std::optional<std::string>& checkpoint) {
    {
        // What was under way when it ended comes again.
        const std::lock_guard lock(mutex_);
        unsettled_ = 0;
        is_last_ = false;
    }
    Answer answer = source_->start(checkpoint);
    if (!answer.isOk()) {
        tellFailure("start", answer);
        return answer;
    }
    const std::lock_guard lock(mutex_);
    progress_.has_begun = true;
    if (last_failure_.empty())
        console_.say("start",
                     checkpoint ? "from checkpoint " + shown(*checkpoint) : "from the beginning",
                     Style::Green);
    return answer;
}

Answer ShownSource::poll(const pipeline::PollLimits& limits) {
    Answer answer = source_->poll(limits);
    if (answer.isOk() || answer.verdict == Verdict::End || answer.verdict == Verdict::Again)
        tellPolled(answer);
    else
        tellFailure("poll", answer);
    if (answer.verdict == Verdict::End) console_.say("poll", "END (2): it has come to its end");
    return answer;
}

void ShownSource::tellPolled(const Answer& answer) {
    v1::FeedbackBatch batch;
    if (!batch.ParseFromString(answer.bytes)) {
        tellFailure("poll", {Verdict::Internal, "", "what it wrote is no FeedbackBatch", 0});
        return;
    }
    const bool has_some = batch.messages_size() + batch.rejects_size() > 0;
    {
        const std::lock_guard lock(mutex_);
        is_last_ = answer.verdict != Verdict::Ok ||
                   (!batch.has_more() && (!has_some || batch.next_poll_ms() > 0));
        if (has_some) ++unsettled_;
        last_failure_.clear();
    }
    if (has_some) tellBatch("poll", batch);
}

Answer ShownSource::receive(const std::string& path, std::string_view request) {
    Answer answer = source_->receive(path, request);
    v1::IngressReply reply;
    if (!answer.isOk()) {
        tellFailure("receive", answer);
    } else if (reply.ParseFromString(answer.bytes)) {
        console_.say("receive", "answered with HTTP status " + std::to_string(reply.status()) +
                                    (reply.refused().empty() ? "" : ", " + reply.refused()));
        if (reply.batch().messages_size() + reply.batch().rejects_size() > 0)
            tellBatch("receive", reply.batch());
    }
    return answer;
}

void ShownSource::ack(std::uint64_t batch_id, bool stored) {
    if (!stored) console_.say("ack", "the batch was not stored", Style::Yellow);
    source_->ack(batch_id, stored);
    const std::lock_guard lock(mutex_);
    if (unsettled_ > 0) --unsettled_;
    if (!stored) progress_.has_failed = true;
}

bool ShownSource::isNews(const std::string& failure) {
    const std::lock_guard lock(mutex_);
    progress_.has_failed = true;
    return std::exchange(last_failure_, failure) != failure;
}

void ShownSource::tellFailure(const char* function, const Answer& answer) {
    // Nothing now, and a call that was asked to return, are how it should be.
    if (answer.verdict == Verdict::Again || answer.verdict == Verdict::Cancelled) return;
    const std::string text = dev::describe(answer);
    if (isNews(std::string(function) + text)) console_.say(function, text, Style::Red);
}

void ShownSource::tellBatch(const char* function, const v1::FeedbackBatch& batch) {
    std::string text = countOf(batch.messages_size(), "message", "messages");
    if (batch.rejects_size() > 0) text += ", " + countOf(batch.rejects_size(), "reject", "rejects");
    if (!batch.checkpoint().empty()) text += ", checkpoint " + shown(batch.checkpoint());
    console_.say(function, text, Style::Cyan);
    for (const v1::FeedbackMessage& message : batch.messages())
        console_.say("message", describe(message));
    for (const v1::Reject& reject : batch.rejects())
        console_.say("reject", fitTo(reject.cause(), 80) + "  " + shown(reject.payload()),
                     Style::Yellow);
}

} // namespace hearback::cli::dev
