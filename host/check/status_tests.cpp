// Level 1: what calls answer with, and what check() finds.
#include "check/bench.h"
#include "check/process_facts.h"
#include "check/test.h"
#include "check/walk.h"

#include "base/utf8.h"

#include <algorithm>

namespace hearback::check {

namespace {

constexpr std::size_t kTextMax = 2048;
constexpr std::size_t kReportMax = 64 << 10;

// Walks in good weather and in bad.
std::vector<Step> manyWalks(Bench& bench) {
    std::vector<Step> all;
    for (const Trouble trouble : {Trouble::None, Trouble::ClosedEarly, Trouble::ServerError,
                                  Trouble::Unauthorised, Trouble::NotFound, Trouble::NoJson}) {
        bench.http().setTrouble(trouble);
        bench.http().forget();
        auto steps = walk(bench, bench.created());
        std::move(steps.begin(), steps.end(), std::back_inserter(all));
    }
    all.push_back({"configure", bench.created().configure("{\"no such setting\": []}")});
    return all;
}

void statusLegal(Bench& bench) {
    for (const Step& step : manyWalks(bench)) {
        const Said& said = step.said;
        const std::string gives = step.function + "() gives " + describe(said);
        bench.expect(said.text.find("an exception came out of") == std::string::npos,
                     "nothing that is thrown crosses the boundary", said.text);
        bench.expect(said.isKnown(), "a call answers with a status of abi.h", gives);
        bench.expect(said.status != HB_CANCELLED, "CANCELLED comes only after cancel()", gives);
        const bool polls = step.function == "poll";
        bench.expect(polls || (said.status != HB_END && said.status != HB_AGAIN),
                     "AGAIN and END are answers of poll()", gives);
        bench.expect(said.status != HB_AGAIN || said.bytes.empty(),
                     "AGAIN comes where nothing was written", gives + " and a batch");
        bench.expect(!polls || said.status != HB_ITEM_INVALID,
                     "poll() puts what it cannot read among the rejects of the batch", gives);
    }
}

void statusText(Bench& bench) {
    for (const Step& step : manyWalks(bench)) {
        if (!step.said.needsText()) continue;
        bench.expect(!step.said.text.empty(),
                     "a call that fails says why, by set_error() before it returns",
                     step.function + "() gives " + describe(step.said) + " and no text");
        bench.expect(base::isUtf8(step.said.text), "a text is valid UTF-8",
                     "that of " + step.function + "() is not");
        bench.expect(step.said.text.size() <= kTextMax, "a text is a sentence, of 2 KiB at most",
                     "that of " + step.function + "() has " +
                         std::to_string(step.said.text.size()) + " bytes");
    }
}

Subject& checkable(Bench& bench) {
    Subject& subject = bench.configured();
    if (subject.table().check == nullptr) bench.skip("the plugin has no check()");
    return subject;
}

void checkWorks(Bench& bench) {
    const Said said = checkable(bench).check();
    if (!bench.hasOwnSettings() && !said.isOk() && said.status != HB_INTERNAL)
        bench.skip("give [settings]: with those made from the schema, check() gives " +
                   describe(said));
    bench.expect(said.isOk(), "check() with good settings is OK", "it gives " + describe(said));
    bench.expect(base::isUtf8(said.bytes) && said.bytes.size() <= kReportMax,
                 "the report is UTF-8 text of at most 64 KiB",
                 "it is not: " + std::to_string(said.bytes.size()) + " bytes");
}

std::string firstDifference(const std::map<std::string, std::string>& before,
                            const std::map<std::string, std::string>& after) {
    for (const auto& [name, content] : after) {
        const auto was = before.find(name);
        if (was == before.end()) return "it makes the file " + name;
        if (was->second != content) return "it changes the file " + name;
    }
    return before.size() == after.size() ? "" : "it takes a file away";
}

void checkNoTrace(Bench& bench) {
    Subject& subject = checkable(bench);
    const auto before = filesIn(std::filesystem::current_path());
    (void)subject.check();
    for (const Exchange& exchange : bench.http().exchanges())
        bench.expect(!exchange.changes, "check() leaves no trace at the remote side",
                     "it sends " + exchange.request.method() + " " + exchange.request.url());
    const std::string difference =
        firstDifference(before, filesIn(std::filesystem::current_path()));
    bench.expect(difference.empty(), "check() leaves no trace", difference);
}

void checkCredentials(Bench& bench) {
    Subject& subject = checkable(bench);
    bench.http().setTrouble(Trouble::Unauthorised);
    const Said said = subject.check();
    bool shows_secret = false;
    for (const Exchange& exchange : bench.http().exchanges())
        for (const auto& [setting, secret] : bench.world().secrets)
            if (!secret.empty() && everythingOf(exchange.request).find(secret) != std::string::npos)
                shows_secret = true;
    if (!shows_secret)
        bench.skip("check() sends none of the secrets of the settings, so that a server cannot "
                   "refuse them");
    bench.expect(said.status == HB_AUTH, "check() says AUTH where the server answers 401",
                 "it gives " + describe(said));
}

constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"status/legal", 1, kAllKinds,
     "Every call answers with a status that means something there, and throws nothing", kAbi,
     "What a call came to. The host acts on it as said", statusLegal, 20},
    {"status/text", 1, kAllKinds, "Every failure comes with a text", kAbi,
     "a sentence for the operator", statusText, 20},
    {"check/works", 1, kAllKinds, "check() with good settings is OK", kAbi,
     "Can it work with these settings (address, credentials)?", checkWorks},
    {"check/no-trace", 1, kAllKinds, "check() changes nothing, here or at the remote side", kAbi,
     "leaves no trace at the remote side", checkNoTrace},
    {"check/credentials", 1, kAllKinds, "check() says AUTH where the credentials are refused", kAbi,
     "needs other credentials: a source stops", checkCredentials},
};

} // namespace

std::span<const Test> statusTests() { return kTests; }

} // namespace hearback::check
