// Level 2: what a sink is given arrives, once as far as the other side can tell.
#include "check/bench.h"
#include "check/killing.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/traces.h"

#include <algorithm>

namespace hearback::check {

namespace {

constexpr std::size_t kDeliveries = 12;
constexpr std::size_t kAtOnce = 3;
constexpr int kDeaths = 8;

v1::DeliveryBatch part(const v1::DeliveryBatch& of, std::size_t from, std::size_t to) {
    v1::DeliveryBatch some;
    for (std::size_t i = from; i < to; ++i)
        *some.add_deliveries() = of.deliveries(static_cast<int>(i));
    return some;
}

Traces tracesOf(Bench& bench) {
    Traces traces;
    traces.add(bench.http().exchanges());
    traces.addFiles(std::filesystem::current_path());
    return traces;
}

// Skips where it does not deliver, or where nothing of it can be seen.
void mustLeaveTraces(Bench& bench, const Said& said, const Traces& traces,
                     const std::string& marker) {
    if (!said.isOk()) bench.skip("write() gives " + describe(said) + ": see write/results");
    if (traces.of(marker).empty())
        bench.skip("what it delivers is neither in a request through the host nor in a file of "
                   "the working folder");
}

// What is there several times has the key, by which the receiver knows it.
void mustCarryKeys(Bench& bench, const Traces& traces, const v1::DeliveryBatch& batch,
                   const std::string& name, const std::string& when) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(batch.deliveries_size()); ++i) {
        const auto places = traces.of(markerOf(name, i));
        bench.expect(!places.empty(), "what was delivered arrives",
                     when + ", nothing of delivery " + std::to_string(i) + " is there");
        if (places.size() < 2) continue;
        const std::string& key = batch.deliveries(static_cast<int>(i)).idempotency_key();
        for (const std::size_t place : places)
            bench.expect(traces.at(place).find(key) != std::string::npos,
                         "a delivery that comes again leaves no second trace, or each carries its "
                         "idempotency key",
                         when + ", delivery " + std::to_string(i) + " is there " +
                             std::to_string(places.size()) + " times, without its key");
    }
}

// What the host does not send again needs no care for repeats.
void skipWithoutRepeats(Bench& bench) {
    if (bench.manifest().idempotency == "none")
        bench.skip("the manifest says that nothing tells repeats: what may have arrived is not "
                   "sent again");
}

void sinkSameKey(Bench& bench) {
    skipWithoutRepeats(bench);
    answerEverything(bench);
    auto batch = deliveriesOf("key", 2);
    Subject& subject = bench.started();
    const Said first = subject.write(batch.SerializeAsString());
    (void)subject.flush();
    mustLeaveTraces(bench, first, tracesOf(bench), markerOf("key", 0));
    for (v1::Delivery& delivery : *batch.mutable_deliveries()) delivery.set_attempt(2);
    const auto again = [&](Subject& to, const char* when) {
        const Said said = to.write(batch.SerializeAsString());
        (void)to.flush();
        bench.expect(said.isOk() || said.status == HB_CONFLICT,
                     "a delivery that comes again is delivered",
                     std::string(when) + " write() gives " + describe(said));
    };
    again(subject, "a second time");
    (void)subject.stop();
    again(bench.started(), "after a restart");
    mustCarryKeys(bench, tracesOf(bench), batch, "key", "delivered three times");
}

void sinkOrder(Bench& bench) {
    answerEverything(bench);
    Subject& subject = bench.started();
    const auto batch = deliveriesOf("order", kDeliveries);
    for (std::size_t i = 0; i < kDeliveries; i += kDeliveries / 2) {
        const Said said = subject.write(part(batch, i, i + kDeliveries / 2).SerializeAsString());
        (void)subject.flush();
        mustLeaveTraces(bench, said, tracesOf(bench), markerOf("order", i));
    }
    const Traces traces = tracesOf(bench);
    std::size_t last = 0;
    std::size_t last_offset = 0;
    for (std::size_t i = 0; i < kDeliveries; ++i) {
        const auto places = traces.of(markerOf("order", i));
        if (places.empty()) continue;
        const std::size_t offset = traces.at(places.front()).find(markerOf("order", i));
        bench.expect(places.front() > last || (places.front() == last && offset >= last_offset),
                     "messages of one conversation arrive in their order",
                     "delivery " + std::to_string(i) + " arrives before the one before it");
        last = places.front();
        last_offset = offset;
    }
}

// Deliveries whose request is answered with `status`; the others with 200.
struct Refused {
    std::vector<Fate> fates;
    std::vector<bool> refused;
};
Refused writeRefusing(Bench& bench, const std::string& name, int status,
                      const std::function<bool(std::size_t)>& is_refused) {
    constexpr std::size_t kCount = 4;
    bool is_bulk = false;
    bool is_seen = false;
    answerEverything(bench, [&](const std::string& request) {
        int answer = 0;
        int found = 0;
        for (std::size_t i = 0; i < kCount; ++i) {
            if (request.find(markerOf(name, i)) == std::string::npos) continue;
            ++found;
            if (is_refused(i)) answer = status;
        }
        is_seen = is_seen || found > 0;
        is_bulk = is_bulk || found > 1;
        return answer;
    });
    const Said said = bench.started().write(deliveriesOf(name, kCount).SerializeAsString());
    if (!is_seen) bench.skip("no request that it sends through the host holds a message");
    if (is_bulk) bench.skip("it sends several messages in one request");
    const auto fates = fatesOf(said, kCount);
    if (!fates) bench.skip("see write/results");
    Refused result;
    result.fates = *fates;
    for (std::size_t i = 0; i < kCount; ++i) result.refused.push_back(is_refused(i));
    return result;
}

void sinkPartial(Bench& bench) {
    const Refused result =
        writeRefusing(bench, "partial", 422, [](std::size_t i) { return i == 1; });
    for (std::size_t i = 0; i < result.fates.size(); ++i)
        bench.expect(result.fates[i].isDelivered() != result.refused[i],
                     "one message that is refused does not spoil the others, and is told",
                     "the server answers 422 to delivery 1 and 200 to the rest, and delivery " +
                         std::to_string(i) + " is " + nameOfStatus(result.fates[i].status));
}

void sinkUnavailable(Bench& bench) {
    const Refused result =
        writeRefusing(bench, "unavailable", 500, [](std::size_t i) { return i >= 2; });
    for (std::size_t i = 0; i < result.fates.size(); ++i)
        bench.expect(result.fates[i].isDelivered() != result.refused[i],
                     "what was sent before the server failed is named as delivered, and nothing "
                     "else is",
                     "the server takes deliveries 0 and 1 and then answers 500, and delivery " +
                         std::to_string(i) + " is " + nameOfStatus(result.fates[i].status));
}

// Only what can be seen later can be missed now.
void sinkFlush(Bench& bench) {
    answerEverything(bench);
    Subject& subject = bench.started();
    if (subject.sink()->flush == nullptr)
        bench.skip("it has no flush(): whatever it delivers has arrived when write() returns");
    const auto batch = deliveriesOf("flush", kAtOnce);
    const auto fates = fatesOf(subject.write(batch.SerializeAsString()), kAtOnce);
    if (!fates) bench.skip("see write/results");
    const Traces before = tracesOf(bench);
    (void)subject.flush();
    const Traces after = tracesOf(bench);
    for (std::size_t i = 0; i < fates->size(); ++i) {
        if (!(*fates)[i].is_listed || !(*fates)[i].isDelivered()) continue;
        const std::string marker = markerOf("flush", i);
        bench.expect(
            !before.of(marker).empty() || after.of(marker).empty(),
            "what write() names as delivered has arrived: it stays delivered where flush() "
            "fails",
            "delivery " + std::to_string(i) + " is named, and only flush() sends it");
    }
}

// Delivers in small batches; requests that were taken and deliveries that are done are notes.
void deliverAndTell(Bench& bench, const v1::DeliveryBatch& batch, const Note& note) {
    bench.kv().keepIn(bench.folder() / "kv"); // what the process before this one left
    answerEverything(bench, [&](const std::string& request) {
        note("R" + request);
        return 0;
    });
    Subject& subject = bench.started();
    const auto count = static_cast<std::size_t>(batch.deliveries_size());
    for (std::size_t from = 0; from < count; from += kAtOnce) {
        const auto some = part(batch, from, std::min(count, from + kAtOnce));
        const Said said = subject.write(some.SerializeAsString());
        const auto fates = fatesOf(said, static_cast<std::size_t>(some.deliveries_size()));
        if (!fates) continue;
        const bool is_durable = !said.isOk() || subject.flush().isOk();
        for (std::size_t i = 0; i < fates->size(); ++i)
            if ((*fates)[i].isDelivered() && ((*fates)[i].is_listed || is_durable))
                note("D" + some.deliveries(static_cast<int>(i)).idempotency_key());
    }
}

void sinkKilled(Bench& bench) {
    skipWithoutRepeats(bench);
    (void)bench.settings();
    bench.mustStartOnce();
    const auto batch = deliveriesOf("killed", kDeliveries);
    auto waiting = batch;
    Traces traces;
    for (int death = 0; waiting.deliveries_size() > 0 && death <= kDeaths; ++death) {
        std::optional<std::size_t> after;
        if (death < kDeaths) after = bench.below(4);
        const KilledRun run =
            runAndKill([&](const Note& note) { deliverAndTell(bench, waiting, note); }, after,
                       static_cast<base::Micros>(bench.below(3000)));
        bench.expect(run.problem.empty(), "a sink works again after its process was killed",
                     "killed " + std::to_string(death) + " times before, it " + run.problem);
        for (const std::string& note : run.notes) {
            if (note.front() == 'R') traces.addRequest(note.substr(1));
            if (note.front() != 'D') continue;
            auto& left = *waiting.mutable_deliveries();
            for (int i = 0; i < left.size(); ++i)
                if (left[i].idempotency_key() == note.substr(1)) left.DeleteSubrange(i--, 1);
        }
        for (v1::Delivery& delivery : *waiting.mutable_deliveries())
            delivery.set_attempt(delivery.attempt() + 1);
    }
    if (waiting.deliveries_size() > 0) bench.skip("it does not deliver: see write/results");
    traces.addFiles(std::filesystem::current_path());
    if (traces.of(markerOf("killed", 0)).empty() && traces.empty())
        bench.skip("what it delivers is neither in a request through the host nor in a file of "
                   "the working folder");
    mustCarryKeys(bench, traces, batch, "killed", "killed at random points");
}

constexpr std::string_view kSink = "hearback/plugin/sink.h";
constexpr std::string_view kGuide = "docs/plugins.md";

constexpr Test kTests[] = {
    {"sink/same-key", 2, kSinks,
     "A delivery that comes again leaves no second trace, or each carries its key", kSink,
     "the same delivery comes again with the same idempotency key", sinkSameKey},
    {"sink/order", 2, kSinks, "Messages of one conversation arrive in their order", kGuide,
     "Deliver in the order of the batch", sinkOrder},
    {"sink/partial", 2, kSinks, "One message that is refused does not spoil the others", kSink,
     "With HB_OK, what is", sinkPartial},
    {"sink/unavailable", 2, kSinks,
     "What was sent before the server failed is named, and nothing else", kGuide,
     "what was sent must", sinkUnavailable},
    {"sink/flush", 2, kSinks, "What write() names as delivered has arrived before flush()", kSink,
     "what write() named stays as it was named", sinkFlush},
    {"sink/killed", 2, kSinks, "Killed at random points, it loses nothing", kSink, "After a",
     sinkKilled, 60},
};

} // namespace

std::span<const Test> sinkDeliveryTests() { return kTests; }

} // namespace hearback::check
