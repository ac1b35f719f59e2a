// Level 2: checkpoints that the channel did not write, or not so.
#include "check/bench.h"
#include "check/reading.h"
#include "check/test.h"

#include <algorithm>

namespace hearback::check {

namespace {

// A checkpoint that cannot be known is refused as a mistake of the configuration, or no reason to
// begin anywhere but at the beginning.
void mustBegin(Bench& bench, const Reading& whole, const std::string& checkpoint,
               const std::string& which) {
    Subject& subject = bench.configured();
    bench.http().forget();
    const Said said = subject.start(checkpoint);
    bench.expect(said.isOk() || said.status == HB_CONFIG,
                 "a checkpoint that is not known is CONFIG, or a new beginning",
                 "with " + which + " start() gives " + describe(said));
    if (said.isOk()) {
        const auto came = readOn(subject).messages();
        const auto all = whole.messages();
        const auto lost = std::find_if(
            all.begin(), all.end(), [&](const auto& each) { return !came.contains(each.first); });
        bench.expect(lost == all.end(),
                     "a checkpoint that is not known is CONFIG, or a new beginning",
                     "with " + which + ", message \"" +
                         (lost == all.end() ? "" : lost->first.substr(0, 60)) + "\" is left out");
        (void)subject.stop();
    }
    subject.destroy();
    Subject& good = bench.started();
    (void)good.stop();
    good.destroy();
}

// What it wrote itself, in several batches.
std::string checkpointOf(Bench& bench, const Reading& whole) {
    ReadOptions options;
    options.max_items = itemsFor(whole, 4);
    bench.http().forget();
    const Reading reading = readOn(bench.started(), options);
    const auto checkpoint = reading.checkpointBefore(reading.batches.size());
    if (!checkpoint) bench.skip("it writes no checkpoint");
    return *checkpoint;
}

void checkpointTruncated(Bench& bench) {
    const Reading whole = readAll(bench);
    const std::string checkpoint = checkpointOf(bench, whole);
    const std::size_t step = std::max<std::size_t>(1, checkpoint.size() / 12);
    for (std::size_t size = 0; size < checkpoint.size(); size += step)
        mustBegin(bench, whole, checkpoint.substr(0, size),
                  "its own checkpoint, cut to " + std::to_string(size) + " of " +
                      std::to_string(checkpoint.size()) + " bytes");
}

void checkpointForeign(Bench& bench) {
    const Reading whole = readAll(bench);
    std::string random(300, '\0');
    for (char& byte : random) byte = static_cast<char>(bench.random().next());
    for (const std::string& foreign :
         {std::string(R"({"v":1,"cursor":"eyJwYWdlIjo3fQ=="})"),
          std::string(R"({"v":"one","offset":[],"line":{}})"), std::string("[1,2,3]"),
          std::string("null"), std::string("v1:page=12"), std::string("4294967296"),
          std::string(1, '\0'), random})
        mustBegin(bench, whole, foreign,
                  "the checkpoint of another channel, of " + std::to_string(foreign.size()) +
                      " bytes,");
}

void checkpointHuge(Bench& bench) {
    const Reading whole = readAll(bench);
    std::string huge(1 << 20, '\0');
    for (char& byte : huge) byte = static_cast<char>(bench.random().next());
    mustBegin(bench, whole, huge, "a mebibyte of chance");
    mustBegin(bench, whole, std::string(1 << 20, '['), "a mebibyte of brackets");
}

// The first number becomes one that no version of today has: 999.
std::string ofTheFuture(const std::string& checkpoint) {
    auto json = nlohmann::json::parse(checkpoint, nullptr, false);
    if (json.is_object()) {
        for (const char* key : {"v", "version"})
            if (json.contains(key)) {
                json[key] = 999;
                return json.dump();
            }
    }
    const auto begin = checkpoint.find_first_of("0123456789");
    if (begin == std::string::npos) return {};
    const auto end = checkpoint.find_first_not_of("0123456789", begin);
    return checkpoint.substr(0, begin) + "999" +
           (end == std::string::npos ? "" : checkpoint.substr(end));
}

void checkpointFuture(Bench& bench) {
    const Reading whole = readAll(bench);
    const std::string future = ofTheFuture(checkpointOf(bench, whole));
    if (future.empty()) bench.skip("its checkpoint holds no number that could be a version");
    mustBegin(bench, whole, future,
              "a checkpoint of version 999 (begin yours with a version, and look at it)");
}

void decodeRejects(Bench& bench) {
    const Reading reading = readOn(bench.started());
    Subject& subject = bench.configured();
    if (subject.source() == nullptr || subject.source()->decode == nullptr)
        bench.skip("it has no decode(): its rejects cannot be replayed");
    std::vector<std::string> payloads = {"", "{", "7,8\n9", std::string(1 << 20, 'x'), "\xff\xfe"};
    for (const Batch& batch : reading.batches)
        for (const auto& reject : batch.content.rejects()) payloads.push_back(reject.payload());
    for (const std::string& payload : payloads) {
        const Said said = subject.decode(payload);
        bench.expect(said.isOk() || said.status == HB_ITEM_INVALID ||
                         said.status == HB_UNSUPPORTED || said.status == HB_CONFIG,
                     "decode() of a configured instance reads a reject, or says ITEM_INVALID",
                     "for " + std::to_string(payload.size()) + " bytes it gives " + describe(said));
        bench.expect(!said.isOk() || batchOf(said.bytes).has_value(),
                     "what decode() writes is a FeedbackBatch", "it is none");
    }
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";
constexpr std::string_view kGuide = "docs/plugins.md";

constexpr Test kTests[] = {
    {"checkpoint/truncated", 2, kChannels, "A checkpoint that was cut off leads to no gap", kGuide,
     "A checkpoint that you do not know is no reason to fail: begin again", checkpointTruncated,
     30},
    {"checkpoint/foreign", 2, kChannels, "A checkpoint of another channel leads to no gap", kGuide,
     "A checkpoint that you do not know is no reason to fail: begin again", checkpointForeign, 30},
    {"checkpoint/huge", 2, kChannels, "A mebibyte for a checkpoint does no harm", kGuide,
     "A checkpoint that you do not know is no reason to fail: begin again", checkpointHuge, 30},
    {"checkpoint/future", 2, kChannels, "A checkpoint of a later version leads to no gap", kAbi,
     "another version is HB_CONFIG or a safe new beginning", checkpointFuture, 30},
    {"decode/rejects", 2, kChannels, "decode() takes what was rejected, and whatever else",
     "hearback/plugin/source.h", "Reads the payload of a Reject once more", decodeRejects},
};

} // namespace

std::span<const Test> checkpointTests() { return kTests; }

} // namespace hearback::check
