// Level 1: which thread calls, when, and how a call is broken off.
#include "check/bench.h"
#include "check/process_facts.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/walk.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <unistd.h>

namespace hearback::check {

namespace {

constexpr base::Micros kSoon = base::kSecond;

void threadsTags(Bench& bench) {
    for (const Trouble trouble : {Trouble::None, Trouble::ServerError, Trouble::ClosedEarly}) {
        bench.http().setTrouble(trouble);
        Subject& subject = bench.created();
        (void)walk(bench, subject);
        const auto violations = subject.host().heard().violations;
        bench.expect(violations.empty(),
                     "functions of the host are called in the roles and states of their tags",
                     violations.empty() ? "" : violations.front());
    }
}

void threadsEnded(Bench& bench) {
    (void)bench.entry();
    const std::size_t before = threadCount();
    Subject& subject = bench.started();
    (void)useOnce(bench, subject);
    (void)subject.stop();
    const std::size_t after = threadCount();
    bench.expect(after <= before, "all threads of the plugin are joined when stop() returns",
                 std::to_string(after - before) + " are left");
    const auto must = [&](const char* when) {
        ::usleep(200000);
        const auto late = subject.host().heard().late;
        bench.expect(late.empty(), "nothing is called after stop()",
                     late.empty() ? "" : late.front() + when);
    };
    must("");
    subject.destroy();
    must(", and the instance destroyed");
}

std::string shown(const std::vector<Step>& steps) {
    std::string all;
    for (const Step& step : steps)
        all += (all.empty() ? "" : ", ") + step.function + " " + nameOfStatus(step.said.status);
    return all;
}

void threadsMove(Bench& bench) {
    const auto usual = walk(bench, bench.created());
    bench.http().forget();
    SubjectOptions options;
    options.has_own_threads = true;
    const auto moving = walk(bench, bench.created(std::move(options)));
    bench.expect(shown(usual) == shown(moving), "each call may come from another thread",
                 "on one thread: " + shown(usual) + "; each on its own: " + shown(moving));
}

// A data call that may come several times at once; none where there is no such one.
std::function<Said()> concurrentCall(Bench& bench, Subject& subject) {
    if (subject.classifier() != nullptr)
        return [&subject, question = questionOf(ordinaryTexts(bench.plan())).SerializeAsString()] {
            return subject.classify(question);
        };
    if (subject.source() == nullptr) return {};
    const auto routes = subject.host().heard().routes;
    if (!routes.empty() && !bench.plan().requests.empty()) {
        const std::string request =
            ingressOf(bench.plan().requests.front(), base::SystemClock().now()).SerializeAsString();
        return
            [&subject, route = routes.front(), request] { return subject.receive(route, request); };
    }
    if (subject.source()->decode == nullptr) return {};
    return [&subject] { return subject.decode("no such thing"); };
}

void threadsConcurrent(Bench& bench) {
    const std::int64_t allowed = bench.manifest().max_concurrency;
    if (allowed < 2) bench.skip("its manifest allows one data call at a time");
    Subject& subject = bench.started();
    const auto call = concurrentCall(bench, subject);
    if (!call)
        bench.skip("it has no call that could come several times at once: give a [[request]]");
    const Said alone = call();
    std::atomic<int> others{0};
    std::string other;
    std::mutex mutex;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < std::min<std::int64_t>(allowed, 8); ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 25; ++n) {
                    const Said said = call();
                    if (said.status == alone.status && said.bytes == alone.bytes) continue;
                    ++others;
                    const std::lock_guard lock(mutex);
                    other = describe(said);
                }
            });
    }
    bench.expect(others == 0,
                 "as many calls as \"max_concurrency\" says give what one gives alone, " +
                     describe(alone),
                 std::to_string(others) + " gave something else, such as " + other);
}

// How long after cancel() a call goes on. The call is begun on a thread of its own.
base::Micros afterCancel(Bench& bench, Subject& subject, const std::function<Said()>& call) {
    const base::SystemClock clock;
    Said said;
    base::Micros ended = 0;
    std::thread under_way([&] {
        said = call();
        ended = clock.steady();
    });
    ::usleep(150000);
    const base::Micros cancelled = clock.steady();
    subject.cancel();
    under_way.join();
    bench.expect(said.isKnown(), "a call that was cancelled answers with a status of abi.h",
                 "it gives " + describe(said));
    return std::max<base::Micros>(0, ended - cancelled);
}

void mustBeSoon(Bench& bench, base::Micros took, const char* what) {
    bench.expect(took <= kSoon, "after cancel(), a call returns within a second",
                 std::string(what) + " goes on for " + std::to_string(took / base::kMillisecond) +
                     " ms");
}

void threadsCancel(Bench& bench) {
    if (bench.manifest().kind == "channel") {
        Subject& subject = bench.started();
        if (subject.source() != nullptr && subject.source()->poll != nullptr) {
            (void)readOn(subject);
            pipeline::PollLimits limits;
            limits.timeout_ms = 4000;
            mustBeSoon(bench, afterCancel(bench, subject, [&] { return subject.poll(limits); }),
                       "a poll() that waits");
            (void)subject.stop();
        }
    }
    // And while it waits for a server.
    bench.http().setTrouble(Trouble::NoAnswer);
    Subject& subject = bench.started();
    const auto call = [&]() -> std::function<Said()> {
        if (subject.sink() != nullptr)
            return [&] { return subject.write(deliveriesOf("cancel", 3).SerializeAsString()); };
        if (subject.classifier() != nullptr)
            return [&] {
                return subject.classify(
                    questionOf(ordinaryTexts(bench.plan())).SerializeAsString());
            };
        if (subject.source() == nullptr || subject.source()->poll == nullptr) return {};
        return [&] { return subject.poll({}); };
    }();
    if (!call) bench.skip("the channel is not polled");
    mustBeSoon(bench, afterCancel(bench, subject, call), "a call that waits for a server");
    (void)subject.stop();
    bench.http().setTrouble(Trouble::None);
    const Said again = subject.start();
    bench.expect(again.isOk(), "an instance starts again after it was cancelled and stopped",
                 "start() gives " + describe(again));
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"threads/tags", 1, kAllKinds,
     "Functions of the host are called in the roles and states of their tags", kAbi,
     "Each function carries a tag: [role, state]", threadsTags, 20},
    {"threads/ended", 1, kAllKinds,
     "When stop() returns, its threads are joined and nothing is called", kAbi,
     "all threads joined, nothing called afterwards", threadsEnded},
    {"threads/move", 1, kAllKinds, "Each call may come from another thread", kAbi,
     "may move between threads from call to call", threadsMove},
    {"threads/concurrent", 1, kChannels | kClassifiers,
     "As many data calls at once as its manifest allows give what one gives", "docs/plugins.md",
     "data calls that may run at the same time in one instance", threadsConcurrent, 30},
    {"threads/cancel", 1, kAllKinds, "After cancel() a call returns soon", kAbi,
     "Makes a call that is under way return soon", threadsCancel, 30},
};

} // namespace

std::span<const Test> threadTests() { return kTests; }

} // namespace hearback::check
