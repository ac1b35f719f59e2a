// Level 1: hosts that are later, or offer less, and what a plugin tells its host.
#include "check/bench.h"
#include "check/test.h"
#include "check/walk.h"

#include "base/utf8.h"

#include <algorithm>
#include <regex>

namespace hearback::check {

namespace {

constexpr int kSubsets = 12;

SubjectOptions withHost(HostOptions host) {
    SubjectOptions options;
    options.host = std::move(host);
    return options;
}

std::string namesOf(unsigned bits) {
    std::string all;
    for (const Feature& feature : kFeatures)
        if ((bits & feature.bit) != 0) all += (all.empty() ? "" : ", ") + std::string(feature.id);
    return all;
}

// Whatever is missing, the answer is one that a host can act on.
void walkWithout(Bench& bench, unsigned missing) {
    HostOptions host;
    host.features = kAllFeatures & ~missing;
    for (const Step& step : walk(bench, bench.created(withHost(host))))
        bench.expect(step.said.status != HB_INTERNAL,
                     "where the host does not offer a service, a call does without it or gives "
                     "UNSUPPORTED",
                     "without " + namesOf(missing) + ", " + step.function + "() gives " +
                         describe(step.said));
}

void hostWithoutFeatures(Bench& bench) {
    const auto usual = walk(bench, bench.created());
    if (const Step* bad = firstBad(usual); bad != nullptr && bad->said.status == HB_INTERNAL)
        bench.skip(bad->function + "() gives " + describe(bad->said) + " as it is");
    for (const Feature& feature : kFeatures) walkWithout(bench, feature.bit);
    walkWithout(bench, kAllFeatures);
    for (int i = 0; i < kSubsets; ++i)
        walkWithout(bench, static_cast<unsigned>(bench.below(kAllFeatures + 1)));
}

void hostLater(Bench& bench) {
    const std::string usual = describe(bench.created().configure(bench.settings()));
    const auto must = [&](const HostOptions& host, const std::string& which) {
        HostSide& side = bench.host(host);
        const Created made = createInstance(bench.entry(), side, bench.manifest().id);
        bench.expect(made.said.isOk() && made.instance != nullptr,
                     "create() works with every host of ABI 1",
                     "with " + which + " it gives " + describe(made.said));
        Subject& subject = bench.created(withHost(host));
        const auto steps = walk(bench, subject);
        bench.expect(!steps.empty() && describe(steps.front().said) == usual,
                     "a plugin works the same with every host of ABI 1",
                     "with " + which + " configure() gives " + describe(steps.front().said));
    };
    HostOptions later;
    later.abi_minor = HB_ABI_MINOR + 7;
    later.unknown_bytes = 64;
    must(later, "a host that is later, with a longer table");
    HostOptions exact;
    exact.is_guarded = true;
    must(exact, "a host whose table ends where a page ends");
}

std::string where(const Line& line) { return "\"" + line.text.substr(0, 120) + "\""; }

void hostLog(Bench& bench) {
    Subject& subject = bench.created();
    (void)walk(bench, subject);
    const auto lines = subject.host().heard().lines;
    bench.expect(lines.size() <= 100, "a plugin logs at most 100 lines in ten seconds",
                 "one walk through its life gave " + std::to_string(lines.size()));
    for (const Line& line : lines) {
        bench.expect(line.level >= HB_LOG_DEBUG && line.level <= HB_LOG_ERROR,
                     "a line has a level from HB_LOG_DEBUG to HB_LOG_ERROR",
                     where(line) + " has " + std::to_string(line.level));
        bench.expect(base::isUtf8(line.text), "a line is valid UTF-8", where(line) + " is not");
        bench.expect(line.text.find('\n') == std::string::npos, "a line is one line",
                     where(line) + " has a line end");
    }
}

void hostFigures(Bench& bench) {
    static const std::regex name("[a-z][a-z0-9_]{0,63}");
    Subject& subject = bench.created();
    (void)walk(bench, subject);
    const auto figures = subject.host().heard().figures;
    bench.expect(figures.size() <= 100, "an instance has at most 100 names of figures",
                 "it has " + std::to_string(figures.size()));
    for (const std::string& figure : figures)
        bench.expect(std::regex_match(figure, name), "a figure's name matches [a-z][a-z0-9_]{0,63}",
                     "there is \"" + figure.substr(0, 80) + "\"");
}

// Also in what it says when something goes wrong.
void hostSecrets(Bench& bench) {
    (void)bench.settings();
    std::vector<std::string> secrets;
    for (const auto& [setting, secret] : bench.world().secrets)
        if (secret.size() >= 6) secrets.push_back(secret);
    if (secrets.empty())
        bench.skip("none of the settings given is a secret of six letters or more");
    const auto has = [&](const std::string& text) {
        return std::any_of(secrets.begin(), secrets.end(), [&](const std::string& secret) {
            return text.find(secret) != std::string::npos;
        });
    };
    for (const Trouble trouble : {Trouble::None, Trouble::Unauthorised, Trouble::ServerError}) {
        bench.http().setTrouble(trouble);
        Subject& subject = bench.created();
        for (const Step& step : walk(bench, subject))
            bench.expect(!has(step.said.text) && !has(step.said.detail),
                         "no text for the operator holds a secret",
                         step.function + "() tells one of the secrets in its text");
        const Heard heard = subject.host().heard();
        for (const Line& line : heard.lines)
            bench.expect(!has(line.text), "no line of the log holds a secret",
                         "a line of the log does");
    }
}

void hostWakes(Bench& bench) {
    Subject& subject = bench.started();
    (void)useOnce(bench, subject);
    const std::uint64_t before = subject.host().heard().wakes;
    const base::SystemClock clock;
    const base::Micros begun = clock.steady();
    pipeline::PollLimits limits;
    limits.timeout_ms = 300;
    (void)subject.poll(limits);
    while (clock.steady() - begun < 300 * base::kMillisecond) ::usleep(10000);
    const std::uint64_t wakes = subject.host().heard().wakes - before;
    bench.expect(wakes <= 100, "wake() says that something can be polled, not more often",
                 "it was called " + std::to_string(wakes) + " times within 300 ms");
}

constexpr std::string_view kServices = "hearback/plugin/host_services.h";
constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"host/without-features", 1, kAllKinds,
     "It does without every service of the host, each alone and several at once", kServices,
     "Each may be absent: get_extension() is then null", hostWithoutFeatures, 30},
    {"host/later", 1, kAllKinds, "It works with a later host, and reads nothing behind its table",
     kAbi, "a reader looks at struct_size before it touches a field newer than 1.0", hostLater},
    {"host/log", 1, kAllKinds, "Lines of the log are lines, and few", "docs/plugins.md",
     "a line of the log; 100 in ten seconds", hostLog},
    {"host/figures", 1, kAllKinds, "Names of figures are well formed, and few", kServices,
     "Names match [a-z][a-z0-9_]{0,63}; at most 100 per instance", hostFigures},
    {"host/secrets", 1, kAllKinds, "No secret is told, in the log or in a text", kAbi,
     "Never a person's words, never a secret", hostSecrets},
    {"host/wakes", 1, kChannels, "It wakes the host only where there is something to poll", kAbi,
     "Something can be polled: do not wait for the time-out", hostWakes},
};

} // namespace

std::span<const Test> hostTests() { return kTests; }

} // namespace hearback::check
