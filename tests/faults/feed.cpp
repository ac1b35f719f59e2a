#include "faults/feed.h"

#include "base/clock.h"
#include "base/fingerprint.h"

#include <map>
#include <random>
#include <utility>

namespace hearback::testing {

namespace {

constexpr std::size_t kAuthors = 4;
constexpr base::Micros kSomeDay = 1772000000 * base::kSecond;

// The same for the same words, whenever they come.
std::uint64_t numberOf(const std::string& id, const std::string& text) {
    return static_cast<std::uint64_t>(base::Fingerprint().add(id).add(text).value());
}

} // namespace

Feed::Feed(std::string source, std::uint64_t seed, std::size_t size) : source_(std::move(source)) {
    std::mt19937_64 random(seed);
    const bool is_numbered = random() % 2 == 0;
    const std::size_t ids = 1 + size / 2;
    std::map<std::string, std::int64_t> versions;
    while (inputs_.size() < size) {
        const auto kind = random() % 16;
        if (kind < 2 && !inputs_.empty()) {
            inputs_.push_back(Input(inputs_[random() % inputs_.size()])); // read once more
            continue;
        }
        Input input;
        if (kind == 2) {
            input.is_reject = true;
            input.text = "row " + std::to_string(random());
            inputs_.push_back(input);
            continue;
        }
        input.external_id = "m" + std::to_string(random() % ids);
        const std::int64_t version = versions[input.external_id]++;
        input.text = input.external_id + " v" + std::to_string(version);
        if (is_numbered) input.revision = version;
        input.is_deletion = kind == 3;
        inputs_.push_back(std::move(input));
    }
    // A channel that numbers may give the newer one first.
    for (std::size_t i = 0; is_numbered && i + 3 < inputs_.size(); ++i)
        if (random() % 4 == 0) std::swap(inputs_[i], inputs_[i + 1 + random() % 3]);
}

v1::FeedbackMessage Feed::messageOf(const Input& input) {
    const std::uint64_t n = numberOf(input.external_id, input.text);
    v1::FeedbackMessage message;
    message.set_external_id(input.external_id);
    if (input.revision >= 0) message.set_revision(input.revision);
    message.set_text(input.text);
    message.set_channel(n % 2 == 0 ? "forum" : "app");
    message.set_occurred_at_us(kSomeDay +
                               static_cast<base::Micros>(n % 4'000'000) * 100 * base::kMillisecond);
    if (input.is_deletion) message.set_deleted_at_us(message.occurred_at_us() + base::kHour);
    if (n % 3 == 0) {
        message.mutable_author()->set_handle("u" + std::to_string(n % kAuthors));
        message.mutable_author()->set_display_name("name " + std::to_string(n % 7));
    }
    if (n / 8 % 4 == 0) message.set_conversation_key("c" + std::to_string(n % 3));
    if (n / 8 % 4 == 1) message.set_parent_external_id("m" + std::to_string(n / 64 % 8));
    if (n % 5 == 0) {
        message.mutable_rating()->set_value(static_cast<double>(n % 6));
        message.mutable_rating()->set_scale_max(5);
    }
    return message;
}

std::vector<std::string> Feed::sinksOf(const v1::FeedbackMessage& message) {
    const std::uint64_t n = numberOf("route", message.text());
    std::vector<std::string> sinks;
    if (n % 2 == 0) sinks.emplace_back(kRepeatableSink);
    if (n % 3 == 0) sinks.emplace_back(kCarelessSink);
    return sinks;
}

std::string Feed::bytesOf(std::size_t begin, std::size_t end) const {
    v1::FeedbackBatch batch;
    for (std::size_t i = begin; i < end; ++i) {
        if (!inputs_[i].is_reject) {
            *batch.add_messages() = messageOf(inputs_[i]);
            continue;
        }
        v1::Reject& reject = *batch.add_rejects();
        reject.set_cause("it cannot be read");
        reject.set_payload(inputs_[i].text);
        reject.set_position("row " + std::to_string(i));
    }
    batch.set_checkpoint(std::to_string(end));
    return batch.SerializeAsString();
}

pipeline::Batch Feed::batchOf(std::size_t begin, std::size_t end) const {
    pipeline::Batch batch;
    batch.source = source_;
    batch.plugin = "fake";
    batch.checkpoint = std::to_string(end);
    for (std::size_t i = begin; i < end; ++i) {
        if (inputs_[i].is_reject) {
            pipeline::DeadLetter& letter = batch.dead_letters.emplace_back();
            letter.source = source_;
            letter.cause = "it cannot be read";
            letter.payload = inputs_[i].text;
            continue;
        }
        pipeline::Item& item = batch.items.emplace_back();
        item.message = messageOf(inputs_[i]);
        item.message.set_source(source_);
        item.message.set_received_at_us(item.message.occurred_at_us());
        const std::uint64_t n = numberOf("mood", inputs_[i].text);
        v1::Annotation& mood = *item.annotations.add_annotations();
        mood.set_task("sentiment");
        mood.set_label(n % 2 == 0 ? "positive" : "negative");
        if (n % 8 == 0 && !inputs_[i].is_deletion) item.annotations.add_pending("topic");
        for (std::string& sink : sinksOf(item.message)) item.route.add_sinks(std::move(sink));
    }
    return batch;
}

} // namespace hearback::testing
