// Level 3: for a long time, many times, many at once, and without memory.
#include "check/bench.h"
#include "check/hunger.h"
#include "check/killing.h"
#include "check/process_facts.h"
#include "check/test.h"
#include "check/walk.h"

#include <algorithm>
#include <array>
#include <csignal>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

namespace hearback::check {

namespace {

constexpr int kCycles = 10'000;
constexpr int kWarmUp = 50;
constexpr std::size_t kGrowthMax = 4 << 20;
constexpr std::size_t kInstances = 1000;
constexpr std::size_t kMemoryMax = std::size_t{1} << 30;

// One instance from create() to destroy(), on a host that is used again and again.
class Cycle {
  public:
    Cycle(Bench& bench) : bench_(bench), host_(bench.world(), {}) {}

    void run() {
        const Created made = createInstance(bench_.entry(), host_, bench_.manifest().id);
        if (!made.isWhole()) bench_.skip("create() makes no whole instance: see contract/tables");
        Subject subject(host_, made, {});
        const Said configured = subject.configure(bench_.settings());
        if (!configured.isOk()) bench_.skip("configure() gives " + describe(configured));
        const Said started = subject.start();
        if (!started.isOk()) bench_.skip("start() gives " + describe(started));
        (void)useOnce(bench_, subject);
        (void)subject.stop();
        subject.destroy();
        host_.forget();
        bench_.http().forget();
    }

  private:
    Bench& bench_;
    HostSide host_;
};

void stressCycles(Bench& bench) {
    const base::SystemClock clock;
    const base::Micros end = clock.steady() + bench.stressSeconds() * base::kSecond;
    Cycle cycle(bench);
    for (int i = 0; i < kWarmUp; ++i) cycle.run();
    ::malloc_trim(0);
    const std::size_t memory = residentMemory();
    const std::size_t threads = threadCount();
    const std::size_t descriptors = descriptorCount();
    int count = 0;
    for (; count < kCycles && clock.steady() < end; ++count) cycle.run();
    ::malloc_trim(0);
    const std::string after = "after " + std::to_string(count) + " lives of an instance, ";
    bench.expect(threadCount() <= threads, "an instance leaves no thread behind",
                 after + std::to_string(threadCount() - threads) + " are there");
    bench.expect(descriptorCount() <= descriptors, "an instance leaves no descriptor open",
                 after + std::to_string(descriptorCount() - descriptors) + " are open");
    if (!canStarve()) return; // a sanitizer keeps what was freed
    const std::size_t now = residentMemory();
    bench.expect(now <= memory + kGrowthMax, "an instance leaves no memory behind",
                 after + "the process has grown by " + std::to_string((now - memory) >> 10U) +
                     " KiB");
}

void stressInstances(Bench& bench) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    (void)bench.started();
    const std::size_t before = residentMemory();
    std::vector<Subject*> all;
    while (all.size() < kInstances && residentMemory() - before < kMemoryMax) {
        SubjectOptions options;
        options.host.name = "check-" + std::to_string(all.size());
        Subject& subject = bench.created(std::move(options));
        const auto must = [&](const char* function, const Said& said) {
            bench.expect(said.isOk(), "there can be a thousand instances at once",
                         std::string(function) + "() of number " + std::to_string(all.size() + 1) +
                             " gives " + describe(said));
        };
        must("configure", subject.configure(bench.settings()));
        must("start", subject.start());
        all.push_back(&subject);
    }
    if (all.size() < kInstances)
        bench.warn(std::to_string(all.size()) + " instances take a gibibyte: what all of them "
                                                "need alike can be shared");
    for (Subject* subject : all) {
        const Said said = subject->stop();
        bench.expect(said.isOk(), "a thousand instances stop", "stop() gives " + describe(said));
        subject->destroy();
    }
}

// A call of a life, by chance, on a host and with limits by chance.
class Chance {
  public:
    explicit Chance(Bench& bench) : bench_(bench) {}

    void run() {
        begin();
        const std::size_t rounds = 1 + bench_.below(4);
        for (std::size_t i = 0; i < rounds; ++i) {
            judge("start", subject_->start(anyCheckpoint()));
            if (subject_->host().state() != HB_STATE_RUNNING) break;
            subject_->options().writer_limit = bench_.below(3) == 0 ? bench_.below(300) : 16 << 20;
            use();
            if (bench_.below(4) == 0) subject_->cancel();
            judge("stop", subject_->stop());
            if (bench_.below(3) == 0) configure();
        }
        subject_->destroy();
        bench_.http().forget();
    }

  private:
    void begin() {
        HostOptions host;
        if (bench_.below(2) == 0)
            host.features = static_cast<unsigned>(bench_.below(kAllFeatures + 1));
        host_ = std::make_unique<HostSide>(bench_.world(), host);
        const Created made = createInstance(bench_.entry(), *host_, bench_.manifest().id);
        if (!made.isWhole()) bench_.skip("create() makes no whole instance: see contract/tables");
        subject_ = std::make_unique<Subject>(*host_, made, SubjectOptions{});
        constexpr std::array kTroubles = {
            Trouble::None,       Trouble::None,        Trouble::ClosedEarly, Trouble::NoJson,
            Trouble::BrokenText, Trouble::ServerError, Trouble::Moved,       Trouble::RateLimited};
        bench_.http().setTrouble(kTroubles.at(bench_.below(kTroubles.size())));
        configure();
    }

    void configure() {
        if (bench_.below(4) == 0) (void)subject_->configure("{\"no such setting\": []}");
        const Said said = subject_->configure(bench_.settings());
        if (!said.isOk()) bench_.skip("configure() gives " + describe(said));
    }

    std::optional<std::string> anyCheckpoint() {
        if (bench_.manifest().kind != "channel" || bench_.below(2) == 0) return std::nullopt;
        if (!seen_.empty() && bench_.below(3) != 0) {
            std::string known = seen_[bench_.below(seen_.size())];
            if (bench_.below(3) == 0 && !known.empty())
                known[bench_.below(known.size())] = static_cast<char>(bench_.below(256));
            return known;
        }
        return anyBytes(200);
    }

    std::string anyBytes(std::size_t longest) {
        std::string bytes(bench_.below(longest), '\0');
        for (char& byte : bytes) byte = static_cast<char>(bench_.below(256));
        return bytes;
    }

    void use() {
        for (const Step& step : useOnce(bench_, *subject_)) judge(step.function, step.said);
        pipeline::PollLimits limits;
        limits.max_items = static_cast<std::uint32_t>(bench_.below(5));
        limits.max_bytes = bench_.below(2000);
        limits.timeout_ms = static_cast<std::uint32_t>(bench_.below(5));
        if (subject_->source() != nullptr && subject_->source()->poll != nullptr) {
            const Said said = subject_->poll(limits);
            judge("poll", said);
            if (const auto batch = batchOf(said.bytes))
                if (!batch->checkpoint().empty() && seen_.size() < 1000)
                    seen_.push_back(batch->checkpoint());
        }
        judge("decode", subject_->decode(anyBytes(2000)));
        judge("classify", subject_->classify(anyBytes(2000)));
        judge("write", subject_->write(anyBytes(2000)));
        judge("act", subject_->act(anyBytes(500)));
    }

    void judge(const std::string& function, const Said& said) {
        bench_.expect(said.isKnown() && (!said.needsText() || !said.text.empty()) &&
                          said.text.find("an exception came out of") == std::string::npos,
                      "whatever comes, a call answers with a status that is known and a text",
                      function + "() gives " + describe(said));
    }

    Bench& bench_;
    std::unique_ptr<HostSide> host_;
    std::unique_ptr<Subject> subject_;
    std::vector<std::string> seen_;
};

void stressFuzz(Bench& bench) {
    const base::SystemClock clock;
    const base::Micros end = clock.steady() + bench.stressSeconds() * base::kSecond;
    (void)bench.started();
    Chance chance(bench);
    while (clock.steady() < end) chance.run();
}

void stressMemory(Bench& bench) {
    if (!canStarve()) bench.skip("a sanitizer needs memory of its own");
    (void)bench.settings();
    std::string ends;
    const std::string functions =
        "configure start stop poll receive decode classify write capabilities";
    for (std::size_t from = 0; from < functions.size();) {
        const auto to = std::min(functions.find(' ', from), functions.size());
        const std::string function = functions.substr(from, to - from);
        from = to + 1;
        for (const std::size_t left : {0U, 200U, 1000U, 5000U, 50000U}) {
            const KilledRun run = runAndKill(
                [&](const Note&) {
                    SubjectOptions options;
                    options.starves_in = function;
                    options.memory_left = left;
                    for (const Step& step : walk(bench, bench.created(std::move(options))))
                        if (!step.said.isKnown()) ::_exit(4);
                },
                std::nullopt, 0);
            if (run.is_skipped) (void)bench.started();
            const std::string what =
                "with " + std::to_string(left) + " bytes left, " + function + "() " + run.problem;
            // Many libraries end their process where there is no memory, and say so.
            if (run.signal == SIGABRT)
                ends = what;
            else
                bench.expect(run.problem.empty(), "a call that gets no memory fails, and no more",
                             what);
        }
    }
    if (!ends.empty()) bench.warn(ends + ": run it in a worker where memory is short");
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"stress/fuzz", 3, kAllKinds, "Calls, hosts, servers and limits by chance do no harm", kAbi,
     "What a call came to. The host acts on it as said", stressFuzz, 0},
    {"stress/cycles", 3, kAllKinds,
     "After 10,000 lives of an instance there are no more threads, descriptors and memory", kAbi,
     "Frees the instance", stressCycles, 0},
    {"stress/instances", 3, kAllKinds, "There can be a thousand instances at once", kAbi,
     "Instances are independent of each other", stressInstances, 120},
    {"stress/memory", 3, kAllKinds,
     "A call that gets no memory fails; at worst it ends its process on purpose", kAbi,
     "No C++ exception, longjmp or signal may cross", stressMemory, 120},
};

} // namespace

std::span<const Test> stressTests() { return kTests; }

} // namespace hearback::check
