// Level 1: arguments that end where they end, writers that are full, places that are not the
// plugin's.
#include "check/bench.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/walk.h"

#include <functional>

namespace hearback::check {

namespace {

void memoryArguments(Bench& bench) {
    std::optional<std::string> checkpoint;
    if (bench.manifest().kind == "channel") {
        Subject& reader = bench.started();
        checkpoint = readOn(reader).checkpointBefore(1);
        (void)reader.stop();
        bench.http().forget();
    } else {
        (void)bench.started();
    }
    SubjectOptions options;
    options.has_guarded_arguments = true;
    Subject& subject = bench.created(std::move(options));
    (void)walk(bench, subject);
    if (checkpoint) {
        (void)subject.start(*checkpoint);
        (void)useOnce(bench, subject);
        (void)subject.stop();
    }
    subject.destroy();
}

struct WritingCall {
    const char* name;
    std::function<Said(Subject&)> run;
};

// Each that writes something, from a fresh start.
std::vector<WritingCall> writingCalls(Bench& bench) {
    std::vector<WritingCall> calls;
    const std::string& kind = bench.manifest().kind;
    if (kind == "channel") {
        calls.push_back({"poll", [](Subject& subject) { return subject.poll({}); }});
        if (!bench.plan().requests.empty())
            calls.push_back({"receive", [&bench](Subject& subject) {
                                 const auto routes = subject.host().heard().routes;
                                 if (routes.empty()) return Said();
                                 return subject.receive(routes.front(),
                                                        ingressOf(bench.plan().requests.front(),
                                                                  base::SystemClock().now())
                                                            .SerializeAsString());
                             }});
        calls.push_back({"capabilities", [](Subject& subject) {
                             return subject.actions() == nullptr ? Said()
                                                                 : subject.capabilities("");
                         }});
    }
    if (kind == "classifier")
        calls.push_back({"classify", [&bench](Subject& subject) {
                             return subject.classify(
                                 questionOf(ordinaryTexts(bench.plan())).SerializeAsString());
                         }});
    if (kind == "sink")
        calls.push_back({"write", [](Subject& subject) {
                             return subject.write(deliveriesOf("full", 3).SerializeAsString());
                         }});
    return calls;
}

void memoryWriterLimit(Bench& bench) {
    bool was_full = false;
    for (const WritingCall& call : writingCalls(bench)) {
        const Said usual = call.run(bench.started());
        if (usual.bytes.empty()) continue;
        for (const std::uint64_t limit :
             {std::uint64_t{0}, std::uint64_t{1}, usual.bytes.size() / 2, usual.bytes.size() - 1}) {
            bench.http().forget();
            Subject& subject = bench.started();
            subject.options().writer_limit = limit;
            const Said said = call.run(subject);
            if (!said.was_refused) continue;
            was_full = true;
            bench.expect(said.needsText(), "a call whose result the writer does not take is not OK",
                         std::string(call.name) + "() gives " + describe(said) +
                             " though a writer of " + std::to_string(limit) + " bytes was full");
            subject.options().writer_limit = 16 << 20;
            (void)subject.stop();
            const Said again = subject.start();
            bench.expect(again.isOk(), "a full writer does no lasting harm",
                         "start() after it gives " + describe(again));
        }
    }
    if (!was_full) bench.skip("no call wrote anything with the data given");
}

void memoryPlaces(Bench& bench) {
    HostSide& host = bench.host();
    const Created made = createInstance(bench.entry(), host, bench.manifest().id);
    bench.expect(!made.wrote_beyond, "create() writes its two results and nothing beside",
                 "the words around them were changed");
    for (const Step& step : walk(bench, bench.created()))
        bench.expect(!step.said.wrote_beyond,
                     "what reserve() gave is filled, and nothing behind it",
                     step.function + "() wrote behind it");
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"memory/arguments", 1, kAllKinds,
     "Arguments are read neither behind their end nor after the call", kAbi,
     "Arguments are valid during the call only", memoryArguments},
    {"memory/writer-limit", 1, kAllKinds, "A writer that is full makes the call fail", kAbi,
     "HB_LIMIT, and nothing appended, where the caller's limit would be passed", memoryWriterLimit},
    {"memory/places", 1, kAllKinds, "Nothing is written beside the places that were given", kAbi,
     "Appends `size` bytes and returns their place", memoryPlaces},
};

} // namespace

std::span<const Test> memoryTests() { return kTests; }

} // namespace hearback::check
