// Level 1: what stands in the batches that a channel writes, polled or received.
#include "check/bench.h"
#include "check/reading.h"
#include "check/receiving.h"
#include "check/test.h"

#include "base/utf8.h"

#include <algorithm>
#include <cmath>

namespace hearback::check {

namespace {

// The bytes of every batch that it gives with the plan's data.
std::vector<std::string> allBatches(Bench& bench) {
    std::vector<std::string> all;
    Subject& subject = bench.started();
    if (subject.source() == nullptr) bench.skip("it offers no hearback.source/1");
    if (subject.source()->poll != nullptr) {
        const Reading reading = readOn(subject);
        for (const Batch& batch : reading.batches) all.push_back(batch.bytes);
        if (reading.is_broken) all.push_back(reading.last.bytes);
    }
    for (const Received& each : receiveAll(bench, subject))
        if (!each.batch_bytes.empty()) all.push_back(each.batch_bytes);
    if (all.empty())
        bench.skip("it gives no batch: give it data by [settings], [[file]], [[http]] or "
                   "[[request]]");
    return all;
}

// Those that can be read.
std::vector<Batch> readableBatches(Bench& bench) {
    std::vector<Batch> batches;
    for (const std::string& bytes : allBatches(bench))
        if (auto batch = batchOf(bytes)) batches.push_back(std::move(*batch));
    if (batches.empty()) bench.skip("it writes what is no batch: see batch/parses");
    return batches;
}

void batchParses(Bench& bench) {
    for (const std::string& bytes : allBatches(bench)) {
        const auto batch = batchOf(bytes);
        bench.expect(batch.has_value(), "what poll() writes is a hearback.v1.FeedbackBatch",
                     std::to_string(bytes.size()) + " bytes are none");
        for (const std::string& field : batch->broken_text) {
            bench.expect(field != "messages.external_id", "an external id is valid UTF-8",
                         "one is not");
            bench.warn(field + " is not valid UTF-8: the host mends it and keeps the original");
        }
    }
}

void batchAccepted(Bench& bench) {
    for (const Batch& batch : readableBatches(bench)) {
        const auto read = intake::readBatch(batch.bytes, {"check", bench.manifest().id},
                                            base::SystemClock().now());
        bench.expect(static_cast<bool>(read), "the host can take the batch",
                     read ? "" : read.error().message);
        for (const auto& letter : read->batch.dead_letters)
            bench.expect(letter.stage != pipeline::DeadLetter::Stage::Normalise,
                         "the host can take every message of a batch",
                         "one becomes a dead letter: " + letter.cause);
    }
}

// What is wrong with one message; empty: nothing.
std::string problemOf(const v1::FeedbackMessage& m) {
    if (!m.source().empty()) return "it sets source, which is the host's to set";
    if (m.received_at_us() != 0) return "it sets received_at_us, which is the host's to set";
    if (m.deleted_at_us() == 0 && m.text().empty() && m.subject().empty() && !m.has_rating() &&
        m.attachments_size() == 0)
        return "it has no text, no rating and no attachment, and is not deleted";
    if (std::any_of(m.channel().begin(), m.channel().end(),
                    [](char c) { return c >= 'A' && c <= 'Z'; }))
        return "its channel is not in lower case: " + m.channel();
    if (!v1::Kind_IsValid(m.kind())) return "its kind is not known";
    if (m.has_rating()) {
        const v1::Rating& r = m.rating();
        if (!std::isfinite(r.value()) || !(r.scale_min() < r.scale_max()))
            return "its rating has no scale, or no number";
        if (r.value() < r.scale_min() || r.value() > r.scale_max())
            return "its rating lies outside of its scale";
    }
    if (m.attributes_size() > intake::kAttributesMax) return "it has more than 64 attributes";
    for (const auto& [key, value] : m.attributes())
        if (key.empty() || key.size() > intake::kAttributeKeyMax ||
            value.size() > intake::kAttributeValueMax)
            return "its attribute \"" + key + "\" has no name, or is too long";
    if (m.attachments_size() > intake::kAttachmentsMax) return "it has more than 64 attachments";
    return {};
}

std::string problemOf(const v1::FeedbackBatch& batch) {
    if (batch.checkpoint().size() > (64U << 10U)) return "its checkpoint has more than 64 KiB";
    if (batch.next_poll_ms() < 0 || batch.next_poll_ms() > 86'400'000)
        return "next_poll_ms is not between 0 and a day";
    if (batch.has_progress() && batch.progress().done() > batch.progress().total())
        return "its progress is more than the whole";
    for (const v1::Reject& reject : batch.rejects()) {
        if (reject.cause().empty() || reject.cause().size() > 1024)
            return "a reject has no cause, or one of more than 1 KiB";
        if (reject.payload().size() > (1U << 20U)) return "a reject has more than 1 MiB";
        if (reject.position().size() > 256)
            return "the position of a reject has more than 256 bytes";
    }
    return {};
}

void batchFields(Bench& bench) {
    for (const Batch& batch : readableBatches(bench)) {
        const std::string problem = problemOf(batch.content);
        bench.expect(problem.empty(), "a batch is as feedback.proto says", problem);
        for (const auto& message : batch.content.messages()) {
            const std::string wrong = problemOf(message);
            bench.expect(wrong.empty(), "a message is as feedback.proto says",
                         "message \"" + message.external_id().substr(0, 60) + "\": " + wrong);
        }
    }
}

void batchTimes(Bench& bench) {
    const base::Micros now = base::SystemClock().now();
    for (const Batch& batch : readableBatches(bench))
        for (const auto& m : batch.content.messages())
            for (const auto& [name, at] : {std::pair{"occurred_at_us", m.occurred_at_us()},
                                           std::pair{"edited_at_us", m.edited_at_us()},
                                           std::pair{"deleted_at_us", m.deleted_at_us()}}) {
                if (at == 0) continue;
                const std::string has = "message \"" + m.external_id().substr(0, 60) + "\" has " +
                                        name + " " + std::to_string(at);
                // Seconds, or milliseconds, taken for microseconds.
                bench.expect(at < 0 || at > 30 * base::kDay, "times are microseconds since 1970",
                             has + ", in January 1970");
                bench.expect(at <= now + base::kDay, "no time lies ahead",
                             has + ", which is not yet");
            }
}

void batchStable(Bench& bench) {
    const Reading first = readAll(bench);
    Subject& again = bench.started();
    const Reading second = readOn(again);
    const auto before = first.messages();
    const auto after = second.messages();
    for (const auto& [id, content] : before) {
        const auto found = after.find(id);
        bench.expect(found != after.end(), "a message has the same external id whenever it is read",
                     "\"" + id.substr(0, 60) + "\" is not there when it is read again");
        bench.expect(found->second == content, "a message that was not edited is the same again",
                     "\"" + id.substr(0, 60) + "\" differs when it is read again");
    }
    bench.expect(before.size() == after.size(),
                 "a message has the same external id whenever it is read",
                 std::to_string(before.size()) + " ids at first, " + std::to_string(after.size()) +
                     " when it is read again");
}

constexpr std::string_view kFeedback = "schemas/hearback/v1/feedback.proto";

constexpr Test kTests[] = {
    {"batch/parses", 1, kChannels, "What it writes is a FeedbackBatch, in valid UTF-8", kFeedback,
     "What a source hands over at once", batchParses},
    {"batch/accepted", 1, kChannels, "The host can take every message", "docs/plugins.md",
     "up to 512 bytes, no control characters", batchAccepted},
    {"batch/fields", 1, kChannels, "Fields hold what the schema says of them", kFeedback,
     "The host sets this; a plugin leaves it empty", batchFields},
    {"batch/times", 1, kChannels, "Times are microseconds since 1970, and not ahead", kFeedback,
     "Times are microseconds since 1970-01-01T00:00:00Z", batchTimes},
    {"batch/stable", 1, kChannels,
     "Read again, a message has the same external id and the same content", kFeedback,
     "unique within the source and the same on every read", batchStable},
};

} // namespace

std::span<const Test> batchTests() { return kTests; }

} // namespace hearback::check
