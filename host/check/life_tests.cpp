// Level 1: the life of an instance, in the right order and in every other.
#include "check/bench.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/walk.h"

#include <algorithm>
#include <unistd.h>

namespace hearback::check {

namespace {

void lifeWalk(Bench& bench) {
    Subject& subject = bench.created();
    const auto must = [&](const char* function, const Said& said) {
        if (said.isOk()) return;
        if (!bench.hasOwnSettings() && said.status != HB_INTERNAL)
            bench.skip("give [settings]: with those made from the schema, " +
                       std::string(function) + "() gives " + describe(said));
        bench.fail("configure, start, stop, and all three again, are OK",
                   std::string(function) + "() gives " + describe(said));
    };
    for (int round = 0; round < 2; ++round) {
        must("configure", subject.configure(bench.settings()));
        must("start", subject.start());
        (void)useOnce(bench, subject);
        must("stop", subject.stop());
        // Without new settings too.
        must("start", subject.start());
        must("stop", subject.stop());
    }
    subject.destroy();
}

// Data calls, each once, of an instance that does not run.
std::vector<Step> dataCalls(Bench& bench, Subject& subject) {
    std::vector<Step> steps;
    pipeline::PollLimits limits;
    limits.timeout_ms = 10;
    if (subject.source() != nullptr && subject.source()->poll != nullptr)
        steps.push_back({"poll", subject.poll(limits)});
    if (subject.classifier() != nullptr)
        steps.push_back(
            {"classify",
             subject.classify(questionOf(ordinaryTexts(bench.plan())).SerializeAsString())});
    if (subject.sink() != nullptr)
        steps.push_back({"write", subject.write(deliveriesOf("early", 1).SerializeAsString())});
    if (subject.actions() != nullptr) steps.push_back({"capabilities", subject.capabilities("")});
    return steps;
}

void mustRefuse(Bench& bench, const std::vector<Step>& steps, const char* when) {
    for (const Step& step : steps)
        bench.expect(!step.said.isOk(), "a call out of its order is refused",
                     step.function + "() " + when + " is OK");
}

void lifeOrder(Bench& bench) {
    (void)bench.started(); // in the right order it works
    Subject& subject = bench.created();
    mustRefuse(bench, dataCalls(bench, subject), "of an instance that is not configured");
    (void)subject.stop();
    subject.cancel();
    mustRefuse(bench, {{"start", subject.start()}}, "of an instance that is not configured");
    const Said configured = subject.configure(bench.settings());
    bench.expect(configured.isOk(), "what was called out of order does no harm",
                 "configure() after it gives " + describe(configured));
    mustRefuse(bench, dataCalls(bench, subject), "of an instance that is not started");
    (void)subject.stop();
    const Said started = subject.start();
    bench.expect(started.isOk(), "what was called out of order does no harm",
                 "start() after it gives " + describe(started));
    mustRefuse(bench, {{"start", subject.start()}}, "of an instance that runs");
    mustRefuse(bench, {{"configure", subject.configure(bench.settings())}},
               "of an instance that runs");
    const Said stopped = subject.stop();
    bench.expect(stopped.isOk(), "what was called out of order does no harm",
                 "stop() after it gives " + describe(stopped));
    mustRefuse(bench, dataCalls(bench, subject), "of an instance that was stopped");
    (void)subject.stop();
    subject.destroy();
}

void lifeDestroyEarly(Bench& bench) {
    bench.created().destroy();
    Subject& refused = bench.created();
    (void)refused.configure("{\"no such setting\": []}");
    refused.destroy();
    bench.configured().destroy();
    Subject& stopped = bench.started();
    (void)stopped.stop();
    stopped.destroy();
}

void lifeConfigureAgain(Bench& bench) {
    Subject& subject = bench.configured();
    const auto must = [&](const char* what) {
        const Said said = subject.configure(bench.settings());
        bench.expect(said.isOk(), "configure() can be called again before start()",
                     std::string(what) + " it gives " + describe(said));
    };
    must("with the same settings,");
    (void)subject.configure("{\"no such setting\": []}");
    must("with good settings after bad ones,");
    const Said said = subject.start();
    bench.expect(said.isOk(), "an instance starts with the settings that it was given last",
                 "start() gives " + describe(said));
    (void)subject.stop();
}

void lifeInstances(Bench& bench) {
    const auto alone = useOnce(bench, bench.started());
    std::vector<Subject*> all;
    for (const char* name : {"one", "two", "three"}) {
        SubjectOptions options;
        options.host.name = name;
        all.push_back(&bench.started(std::move(options)));
    }
    const auto must = [&](Subject& subject, const char* which) {
        bench.http().forget();
        for (const Step& step : useOnce(bench, subject)) {
            const bool was_so = std::any_of(alone.begin(), alone.end(), [&](const Step& before) {
                return before.function == step.function && before.said.status == step.said.status;
            });
            bench.expect(was_so, "several instances at once behave as one alone",
                         step.function + "() of " + which + " gives " + describe(step.said));
        }
    };
    must(*all[1], "the second instance");
    const Said said = all[1]->stop();
    bench.expect(said.isOk(), "instances stop in any order",
                 "stop() of the second gives " + describe(said));
    must(*all[2], "the third instance, after the second was stopped,");
    all[1]->destroy();
    must(*all[0], "the first instance, after the second was destroyed,");
    for (Subject* each : {all[0], all[2]}) {
        const Said stopped = each->stop();
        bench.expect(stopped.isOk(), "instances stop in any order",
                     "stop() gives " + describe(stopped));
        each->destroy();
    }
}

void lifeStopInTime(Bench& bench) {
    for (const std::int64_t deadline_ms : {std::int64_t{5000}, std::int64_t{500}}) {
        Subject& subject = bench.started();
        (void)useOnce(bench, subject);
        const Said said = subject.stop(deadline_ms);
        const std::int64_t took_ms = said.took / base::kMillisecond;
        // And some for a machine that is busy.
        bench.expect(took_ms <= deadline_ms + deadline_ms / 5 + 200,
                     "stop() returns within its deadline",
                     "with " + std::to_string(deadline_ms) + " ms it takes " +
                         std::to_string(took_ms) + " ms");
    }
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";
constexpr std::string_view kGuide = "docs/plugins.md";

constexpr Test kTests[] = {
    {"life/walk", 1, kAllKinds, "Configured, started and stopped, twice over, all is OK", kAbi,
     "created -> configured -> running -> stopped", lifeWalk},
    {"life/order", 1, kAllKinds, "A call out of this order is refused and does no harm", kGuide,
     "A call that comes out of this order is refused", lifeOrder},
    {"life/destroy-early", 1, kAllKinds, "An instance can be destroyed whenever it does not run",
     kAbi, "Frees the instance. [control, not running]", lifeDestroyEarly},
    {"life/configure-again", 1, kAllKinds, "It can be configured again, also after bad settings",
     kGuide, "called before `start()` and again whenever the settings change", lifeConfigureAgain},
    {"life/instances", 1, kAllKinds, "Several instances at once do not know of each other", kAbi,
     "Instances are independent of each other", lifeInstances, 20},
    {"life/stop-in-time", 1, kAllKinds, "stop() returns within its deadline", kAbi,
     "Ends within the deadline", lifeStopInTime, 30},
};

} // namespace

std::span<const Test> lifeTests() { return kTests; }

} // namespace hearback::check
