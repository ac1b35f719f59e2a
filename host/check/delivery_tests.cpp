// Level 2: nothing that a channel brings is lost, whatever happens to the host.
#include "check/bench.h"
#include "check/killing.h"
#include "check/reading.h"
#include "check/test.h"

#include <algorithm>

namespace hearback::check {

namespace {

constexpr std::size_t kBatches = 6;
constexpr int kDeaths = 10;

using Messages = std::map<std::string, std::string>;

// Holds what came against what there is; the message names the first that is missing or foreign.
void mustBeWhole(Bench& bench, const Messages& all, const Messages& came, const std::string& when) {
    for (const auto& [id, content] : all) {
        const auto found = came.find(id);
        bench.expect(found != came.end(), "no message is lost",
                     when + ", message \"" + id.substr(0, 60) + "\" never comes (" +
                         std::to_string(came.size()) + " of " + std::to_string(all.size()) +
                         " do)");
        bench.expect(found->second == content, "a message that comes twice is the same both times",
                     when + ", message \"" + id.substr(0, 60) + "\" has another content");
    }
    for (const auto& [id, content] : came)
        bench.expect(all.contains(id), "what comes twice comes under the same external id",
                     when + ", there is a message \"" + id.substr(0, 60) +
                         "\" that was not there before");
}

void add(Messages& into, const Reading& reading) {
    for (const auto& [id, content] : reading.messages()) into[id] = content;
}

// A reading in several batches, and how large they are.
struct Whole {
    Reading reading;
    ReadOptions options;
};
Whole wholeOf(Bench& bench) {
    Whole whole;
    const Reading once = readAll(bench);
    whole.options.max_items = itemsFor(once, kBatches);
    whole.reading = readOn(bench.started(), whole.options);
    bench.http().forget();
    return whole;
}

void deliveryComplete(Bench& bench) {
    if (!bench.plan().expected_messages && !bench.plan().expected_rejects)
        bench.skip("give [expect] messages = ..., rejects = ...");
    const Reading reading = readAll(bench);
    const auto must = [&](const char* what, std::optional<std::int64_t> wanted, std::size_t has) {
        if (!wanted) return;
        bench.expect(static_cast<std::int64_t>(has) == *wanted,
                     "the data given is " + std::to_string(*wanted) + " " + what,
                     "it gives " + std::to_string(has));
    };
    must("messages", bench.plan().expected_messages, reading.messages().size());
    must("rejects", bench.plan().expected_rejects, reading.rejectCount());
}

void deliveryResume(Bench& bench) {
    const Whole whole = wholeOf(bench);
    const Messages all = whole.reading.messages();
    for (std::size_t end = 0; end <= whole.reading.batches.size(); ++end) {
        Messages came;
        for (std::size_t i = 0; i < end; ++i)
            for (const auto& message : whole.reading.batches[i].content.messages())
                came[message.external_id()] = canonical(message);
        bench.http().forget();
        Subject& subject = bench.configured();
        const Said started = subject.start(whole.reading.checkpointBefore(end));
        bench.expect(started.isOk(), "start() takes the checkpoint that the channel wrote itself",
                     "after batch " + std::to_string(end) + " it gives " + describe(started));
        add(came, readOn(subject, whole.options));
        (void)subject.stop();
        subject.destroy();
        mustBeWhole(bench, all, came,
                    "started again after batch " + std::to_string(end) + " of " +
                        std::to_string(whole.reading.batches.size()));
    }
}

// Reads on from `checkpoint`; each batch is a note, which stores messages and checkpoint at once.
void readAndTell(Bench& bench, const std::optional<std::string>& checkpoint, std::uint32_t items,
                 const Note& note) {
    bench.kv().keepIn(bench.folder() / "kv"); // what the process before this one left
    Subject& subject = bench.configured();
    const Said started = subject.start(checkpoint);
    if (!started.isOk()) {
        note("start() gives " + describe(started));
        ::_exit(4);
    }
    pipeline::PollLimits limits;
    limits.max_items = items;
    limits.timeout_ms = 50;
    for (;;) {
        const Said said = subject.poll(limits);
        if (said.status != HB_OK && said.status != HB_END) return;
        const auto batch = batchOf(said.bytes);
        if (!batch) return;
        note(said.bytes);
        (void)subject.ack(subject.lastBatch(), HB_VERDICT_STORED);
        if (said.status == HB_END || (!batch->content.has_more() &&
                                      (batch->content.next_poll_ms() > 0 || !batch->isWorthIt())))
            return;
    }
}

void deliveryKilled(Bench& bench) {
    (void)bench.settings();
    bench.mustStartOnce();
    Messages came;
    std::optional<std::string> checkpoint;
    bool is_done = false;
    std::uint32_t items = 2;
    for (int death = 0; !is_done && death <= kDeaths; ++death) {
        // The last time it may live.
        std::optional<std::size_t> after;
        if (death < kDeaths) after = bench.below(3);
        const KilledRun run =
            runAndKill([&](const Note& note) { readAndTell(bench, checkpoint, items, note); },
                       after, static_cast<base::Micros>(bench.below(3000)));
        bench.expect(run.problem.empty(),
                     "a channel goes on where it was after its process was killed",
                     "killed " + std::to_string(death) + " times before, it " + run.problem +
                         (run.notes.empty() ? "" : ": " + run.notes.back().substr(0, 200)));
        for (const std::string& note : run.notes) {
            const auto batch = batchOf(note);
            if (!batch) continue;
            for (const auto& message : batch->content.messages())
                came[message.external_id()] = canonical(message);
            if (!batch->checkpoint().empty()) checkpoint = batch->checkpoint();
        }
        is_done = run.is_done;
        if (!after && !is_done) bench.skip("it does not come to an end");
        // What gets no further between two deaths shall get to the end too.
        if (run.notes.empty()) items *= 2;
    }
    mustBeWhole(bench, readAll(bench).messages(), came, "killed at random points");
}

void deliveryEmpty(Bench& bench) {
    Subject& subject = bench.started();
    if (subject.source() == nullptr || subject.source()->poll == nullptr)
        bench.skip("the channel is not polled");
    (void)readOn(subject);
    int greedy = 0;
    pipeline::PollLimits limits;
    limits.timeout_ms = 20;
    for (int i = 0; i < 20; ++i) {
        const Said said = subject.poll(limits);
        if (said.status == HB_END) return;
        const auto batch = batchOf(said.bytes);
        if (batch && !batch->isWorthIt() && batch->content.has_more()) ++greedy;
    }
    bench.expect(greedy < 20, "has_more says that more can be had at once",
                 "20 batches in a row say it and hold nothing");
}

void deliveryAckBursts(Bench& bench) {
    const auto inflight = static_cast<std::size_t>(bench.manifest().max_inflight);
    const Whole whole = wholeOf(bench);
    Subject& subject = bench.started();
    ReadOptions options = whole.options;
    options.acknowledge = false;
    options.batches_max = std::min<std::size_t>(inflight, 16);
    Messages came;
    for (std::size_t round = 0; round < whole.reading.batches.size() + 2; ++round) {
        const Reading burst = readOn(subject, options);
        add(came, burst);
        for (const Batch& batch : burst.batches) {
            const Said said = subject.ack(batch.id, HB_VERDICT_STORED);
            bench.expect(said.isOk(), "batches are acknowledged in bursts, up to max_inflight",
                         "ack() gives " + describe(said));
        }
        if (burst.batches.size() < options.batches_max) break;
    }
    mustBeWhole(bench, whole.reading.messages(), came,
                "acknowledged in bursts of " + std::to_string(options.batches_max));
}

// The store takes nothing: the host stops, and begins again where it was.
void notStored(Bench& bench, bool tells_rejected) {
    const auto inflight = static_cast<std::size_t>(bench.manifest().max_inflight);
    const Whole whole = wholeOf(bench);
    Subject& subject = bench.started();
    ReadOptions some = whole.options;
    some.acknowledge = false;
    some.batches_max = std::min<std::size_t>(inflight, 16);
    const Reading lost = readOn(subject, some);
    for (const Batch& batch : lost.batches)
        if (tells_rejected) (void)subject.ack(batch.id, HB_VERDICT_REJECTED);
    (void)subject.stop();
    bench.http().forget();
    const Said again = subject.start();
    bench.expect(again.isOk(), "a channel starts again after its batches were not stored",
                 "start() gives " + describe(again));
    Messages came;
    add(came, readOn(subject, whole.options));
    mustBeWhole(bench, whole.reading.messages(), came,
                tells_rejected ? "after ack(REJECTED), stop() and start()"
                               : "without ack(), after stop() and start()");
}

void deliveryWithheldAck(Bench& bench) { notStored(bench, false); }
void deliveryRejected(Bench& bench) { notStored(bench, true); }

void deliveryRewind(Bench& bench) {
    const Whole whole = wholeOf(bench);
    const std::size_t half = whole.reading.batches.size() / 2;
    const auto checkpoint = whole.reading.checkpointBefore(half);
    if (!checkpoint) bench.skip("its first batches carry no checkpoint");
    Subject& subject = bench.started();
    (void)readOn(subject, whole.options);
    (void)subject.stop();
    bench.http().forget();
    const Said back = subject.start(*checkpoint);
    bench.expect(back.isOk(), "the same instance starts from an older checkpoint",
                 "start() gives " + describe(back));
    Messages came;
    for (std::size_t i = 0; i < half; ++i)
        for (const auto& message : whole.reading.batches[i].content.messages())
            came[message.external_id()] = canonical(message);
    add(came, readOn(subject, whole.options));
    mustBeWhole(bench, whole.reading.messages(), came,
                "set back to the checkpoint of batch " + std::to_string(half));
}

constexpr std::string_view kSource = "hearback/plugin/source.h";
constexpr std::string_view kFeedback = "schemas/hearback/v1/feedback.proto";

constexpr Test kTests[] = {
    {"delivery/complete", 2, kChannels, "The data given is read to its end", kFeedback,
     "the source's own note of how far it has read", deliveryComplete},
    {"delivery/resume", 2, kChannels,
     "Started again after any batch, it loses nothing and repeats only under the same ids", kSource,
     "after a crash the host starts from the last stored checkpoint", deliveryResume, 60},
    {"delivery/killed", 2, kChannels, "Killed at random points, it loses nothing", kSource,
     "after a crash the host starts from the last stored checkpoint", deliveryKilled, 60},
    {"delivery/empty", 2, kChannels, "Where nothing is left it does not say that there is more",
     kFeedback, "More can be had at once", deliveryEmpty},
    {"delivery/ack-bursts", 2, kChannels, "Acknowledged in bursts, it loses nothing", kSource,
     "What became of a batch; in the order of the batches", deliveryAckBursts, 30},
    {"delivery/withheld-ack", 2, kChannels,
     "What was never acknowledged comes again after stop() and start()", kSource,
     "Never called with more than \"max_inflight\" batches", deliveryWithheldAck, 30},
    {"delivery/rejected", 2, kChannels, "What was not stored comes again", kSource,
     "they are not; stop() and start() from the last stored one follow", deliveryRejected, 30},
    {"delivery/rewind", 2, kChannels, "An older checkpoint leads back to where it was written",
     "hearback/plugin/abi.h", "`checkpoint` is what the host stored last", deliveryRewind, 30},
};

} // namespace

std::span<const Test> deliveryTests() { return kTests; }

} // namespace hearback::check
