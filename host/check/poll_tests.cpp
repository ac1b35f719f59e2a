// Level 1: poll() keeps to what it is given.
#include "check/bench.h"
#include "check/reading.h"
#include "check/test.h"

#include <algorithm>

namespace hearback::check {

namespace {

constexpr std::uint64_t kBytes = 4096;

void pollItems(Bench& bench) {
    const Reading whole = readAll(bench);
    if (whole.messageCount() < 2) bench.skip("it gives a single message: give it more");
    for (const std::uint32_t items : {1U, 2U, 7U}) {
        bench.http().forget();
        ReadOptions options;
        options.max_items = items;
        const Reading reading = readOn(bench.started(), options);
        for (const Batch& batch : reading.batches)
            bench.expect(batch.content.messages_size() <= static_cast<int>(items),
                         "a batch has at most max_items messages, here " + std::to_string(items),
                         "it has " + std::to_string(batch.content.messages_size()));
    }
}

void pollBytes(Bench& bench) {
    const Reading whole = readAll(bench);
    std::size_t bytes = 0;
    for (const Batch& batch : whole.batches) bytes += batch.bytes.size();
    if (bytes <= kBytes || whole.messageCount() < 4)
        bench.skip("it gives " + std::to_string(bytes) + " bytes of messages: give it more than " +
                   std::to_string(kBytes));
    ReadOptions options;
    options.max_bytes = kBytes;
    const Reading reading = readOn(bench.started(), options);
    for (const Batch& batch : reading.batches) {
        const int pieces = batch.content.messages_size() + batch.content.rejects_size();
        bench.expect(batch.bytes.size() <= kBytes || pieces <= 1,
                     "a batch has at most max_bytes bytes, here " + std::to_string(kBytes) +
                         ", unless a single message is longer",
                     "it has " + std::to_string(batch.bytes.size()) + " in " +
                         std::to_string(pieces) + " pieces");
    }
}

void pollTimeout(Bench& bench) {
    Subject& subject = bench.started();
    if (subject.source() == nullptr || subject.source()->poll == nullptr)
        bench.skip("the channel is not polled");
    (void)readOn(subject);
    for (const std::uint32_t timeout_ms : {100U, 400U}) {
        pipeline::PollLimits limits;
        limits.timeout_ms = timeout_ms;
        base::Micros best = base::kHour;
        // The machine may be busy.
        for (int i = 0; i < 3; ++i) best = std::min(best, subject.poll(limits).took);
        const auto best_ms = static_cast<std::uint32_t>(best / base::kMillisecond);
        bench.expect(best_ms <= timeout_ms + timeout_ms / 5 + 50,
                     "poll() waits at most timeout_ms, here " + std::to_string(timeout_ms),
                     "where nothing comes, it takes " + std::to_string(best_ms) + " ms at best");
    }
}

constexpr std::string_view kSource = "hearback/plugin/source.h";

constexpr Test kTests[] = {
    {"poll/items", 1, kChannels, "A batch has at most max_items messages", kSource,
     "of at most max_items messages and max_bytes bytes", pollItems},
    {"poll/bytes", 1, kChannels,
     "A batch has at most max_bytes bytes, unless a single message is longer", kSource,
     "of at most max_items messages and max_bytes bytes", pollBytes},
    {"poll/timeout", 1, kChannels, "Where nothing comes, poll() returns within timeout_ms", kSource,
     "Waits at most timeout_ms for something to come", pollTimeout, 20},
};

} // namespace

std::span<const Test> pollTests() { return kTests; }

} // namespace hearback::check
