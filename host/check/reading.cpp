#include "check/reading.h"

#include "check/bench.h"
#include "intake/wire_repair.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

namespace hearback::check {

std::optional<Batch> batchOf(const std::string& bytes) {
    auto repaired = intake::repairStrings(*v1::FeedbackBatch::descriptor(), bytes);
    Batch batch;
    if (!repaired || !batch.content.ParseFromString(repaired->bytes)) return std::nullopt;
    batch.bytes = bytes;
    for (const auto& [field, original] : repaired->originals) batch.broken_text.push_back(field);
    return batch;
}

std::string canonical(v1::FeedbackMessage message) {
    message.clear_source();
    message.clear_received_at_us();
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream out(&stream);
        out.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&out);
    }
    return bytes;
}

std::map<std::string, std::string> Reading::messages() const {
    std::map<std::string, std::string> all;
    for (const Batch& batch : batches)
        for (const auto& message : batch.content.messages())
            all[message.external_id()] = canonical(message);
    return all;
}

std::size_t Reading::messageCount() const {
    std::size_t count = 0;
    for (const Batch& batch : batches)
        count += static_cast<std::size_t>(batch.content.messages_size());
    return count;
}

std::size_t Reading::rejectCount() const {
    std::size_t count = 0;
    for (const Batch& batch : batches)
        count += static_cast<std::size_t>(batch.content.rejects_size());
    return count;
}

std::optional<std::string> Reading::checkpointBefore(std::size_t end) const {
    std::optional<std::string> found;
    for (std::size_t i = 0; i < std::min(end, batches.size()); ++i)
        if (!batches[i].checkpoint().empty()) found = batches[i].checkpoint();
    return found;
}

Reading readOn(Subject& subject, const ReadOptions& options) {
    Reading reading;
    std::uint64_t wakes = subject.host().heard().wakes;
    while (reading.batches.size() < options.batches_max) {
        pipeline::PollLimits limits;
        limits.max_items = options.max_items;
        limits.max_bytes = options.max_bytes;
        limits.timeout_ms = 200;
        reading.last = subject.poll(limits);
        const hb_status status = reading.last.status;
        const std::uint64_t wakes_now = subject.host().heard().wakes;
        const bool was_woken = wakes_now != wakes;
        wakes = wakes_now;
        if (status == HB_AGAIN && was_woken) continue;
        if (status != HB_OK && status != HB_END) break;
        auto batch = batchOf(reading.last.bytes);
        if (!batch) {
            reading.is_broken = true;
            break;
        }
        batch->id = subject.lastBatch();
        batch->status = status;
        const bool has_more = batch->content.has_more();
        const bool is_worth_it = batch->isWorthIt();
        const bool rests = batch->content.next_poll_ms() > 0;
        reading.batches.push_back(std::move(*batch));
        if (options.acknowledge) (void)subject.ack(subject.lastBatch(), HB_VERDICT_STORED);
        if (status == HB_END || (!has_more && (rests || !is_worth_it))) break;
    }
    return reading;
}

namespace {

std::string rejectsOf(const Reading& reading) {
    if (reading.rejectCount() == 0) return {};
    std::string cause;
    for (const Batch& batch : reading.batches)
        for (const auto& reject : batch.content.rejects())
            if (cause.empty()) cause = reject.cause();
    return ", and " + std::to_string(reading.rejectCount()) + " rejects: \"" + cause + "\"";
}

} // namespace

Reading readAll(Bench& bench, const ReadOptions& options) {
    Subject& subject = bench.started();
    if (subject.source() == nullptr || subject.source()->poll == nullptr)
        bench.skip("the channel is not polled");
    Reading reading = readOn(subject, options);
    if (reading.is_broken) bench.skip("it writes what is no batch: see batch/parses");
    if (reading.messageCount() == 0) {
        const std::string unanswered = bench.http().unanswered();
        bench.skip("it gives no messages (" + describe(reading.last) + rejectsOf(reading) +
                   "): give it data by " +
                   (unanswered.empty() ? std::string("[settings], [[file]] or [[http]]")
                                       : "an [[http]] that answers " + unanswered));
    }
    (void)subject.stop();
    bench.http().forget();
    return reading;
}

std::uint32_t itemsFor(const Reading& whole, std::size_t batches) {
    const std::size_t all = whole.messageCount() + whole.rejectCount();
    return static_cast<std::uint32_t>(std::max<std::size_t>(1, all / batches));
}

} // namespace hearback::check
