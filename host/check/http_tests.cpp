// Level 2: servers that are slow, wrong, full, or somewhere else.
#include "check/bench.h"
#include "check/reading.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/traces.h"

#include <algorithm>

namespace hearback::check {

namespace {

// A poll() or a write(), and what it came to as a whole.
struct Asked {
    Said said;
    hb_status status = HB_OK; // of the first delivery that was not delivered, for a sink
    std::int64_t retry_after_ms = 0;
    int rejects = 0;
    bool is_batch = true;
};

Asked ask(Bench& bench, Subject& subject) {
    Asked asked;
    if (subject.sink() != nullptr) {
        asked.said = subject.write(deliveriesOf("http", 2).SerializeAsString());
        asked.status = asked.said.status;
        asked.retry_after_ms = asked.said.retry_after_ms;
        v1::DeliveryResults results;
        if (!results.ParseFromString(asked.said.bytes)) bench.skip("see write/results");
        if (asked.said.isOk())
            for (const auto& result : results.results())
                if (result.status() != HB_OK && result.status() != HB_CONFLICT &&
                    asked.status == HB_OK) {
                    asked.status = result.status();
                    asked.retry_after_ms = result.retry_after_ms();
                    asked.said.text = result.text();
                }
        return asked;
    }
    asked.said = subject.poll({});
    asked.status = asked.said.status;
    asked.retry_after_ms = asked.said.retry_after_ms;
    const auto batch = batchOf(asked.said.bytes);
    asked.is_batch = batch.has_value();
    if (batch) asked.rejects = batch->content.rejects_size();
    return asked;
}

// A started instance whose next call asks a server; skips for a plugin that asks none.
Subject& asking(Bench& bench) {
    {
        Subject& subject = bench.started();
        if (subject.sink() == nullptr &&
            (subject.source() == nullptr || subject.source()->poll == nullptr))
            bench.skip("the channel is not polled");
        answerEverything(bench);
        if (subject.sink() == nullptr) bench.http().intercept({});
        bench.http().forget();
        (void)ask(bench, subject);
        if (bench.http().exchanges().empty()) bench.skip("it asks no server through the host");
        (void)subject.stop();
    }
    bench.http().intercept({});
    bench.http().forget();
    return bench.started();
}

std::string whatCame(const Asked& asked) {
    return std::string("the call gives ") + nameOfStatus(asked.status) +
           (asked.said.text.empty() ? "" : " (" + asked.said.text + ")");
}

bool isLater(hb_status status) { return status == HB_UNAVAILABLE || status == HB_RATE_LIMITED; }

void httpNoAnswer(Bench& bench) {
    Subject& subject = asking(bench);
    for (const Trouble trouble : {Trouble::ClosedEarly, Trouble::NoAnswer}) {
        bench.http().setTrouble(trouble);
        const Asked asked = ask(bench, subject);
        bench.expect(isLater(asked.status), "where a server does not answer, a call is UNAVAILABLE",
                     whatCame(asked));
    }
}

void httpServerError(Bench& bench) {
    Subject& subject = asking(bench);
    bench.http().setTrouble(Trouble::ServerError);
    for (int i = 0; i < 3; ++i) {
        const Asked asked = ask(bench, subject);
        bench.expect(isLater(asked.status),
                     "where a server answers 500, 502 or 503, a call is UNAVAILABLE or "
                     "RATE_LIMITED",
                     whatCame(asked));
    }
    bench.http().setTrouble(Trouble::None);
    bench.http().forget();
    if (subject.sink() != nullptr) answerEverything(bench);
    (void)subject.stop();
    const Said again = subject.start();
    const Asked asked = again.isOk() ? ask(bench, subject) : Asked{again, again.status, 0, 0, true};
    bench.expect(!asked.said.needsText(), "when the server is well again, so is the instance",
                 whatCame(asked));
}

void httpTooLarge(Bench& bench) {
    Subject& subject = asking(bench);
    bench.http().setTrouble(Trouble::TooLarge);
    const Asked asked = ask(bench, subject);
    if (subject.sink() != nullptr) {
        bench.expect(asked.said.isKnown() && asked.status != HB_INTERNAL,
                     "an answer of ten mebibytes does no harm", whatCame(asked));
        return;
    }
    bench.expect(asked.said.needsText() || asked.rejects > 0,
                 "an answer of ten mebibytes that is no feedback is told: by a status, or as a "
                 "reject",
                 whatCame(asked) + " and no reject");
}

void warnOfInternal(Bench& bench, const Asked& asked) {
    if (asked.status == HB_INTERNAL)
        bench.warn("INTERNAL says that the plugin has a defect; for an answer that cannot be "
                   "read, give UNAVAILABLE, or reject it (" +
                   asked.said.text.substr(0, 150) + ")");
}

void httpNotUnderstood(Bench& bench) {
    Subject& subject = asking(bench);
    if (subject.sink() != nullptr) bench.skip("a sink need not read answers");
    bench.http().setTrouble(Trouble::NoJson);
    const Asked asked = ask(bench, subject);
    bench.expect(asked.said.needsText() || asked.rejects > 0,
                 "an answer that cannot be read is told: by a status, or as a reject",
                 whatCame(asked) + " and no reject, as if there were nothing new");
    warnOfInternal(bench, asked);
}

void httpBrokenText(Bench& bench) {
    (void)asking(bench);
    bench.http().setTrouble(Trouble::BrokenText);
    for (int i = 0; i < 20; ++i) {
        bench.http().forget();
        Subject& subject = bench.started();
        const Asked asked = ask(bench, subject);
        const bool gives_up = asked.status == HB_AUTH || asked.status == HB_CONFIG ||
                              asked.status == HB_UNSUPPORTED || asked.status == HB_ITEM_INVALID;
        bench.expect(asked.said.isKnown() && asked.is_batch && !gives_up,
                     "one byte that is no UTF-8 is no reason to give up for good",
                     whatCame(asked) + (asked.is_batch ? "" : " and writes what is no batch"));
        warnOfInternal(bench, asked);
        (void)subject.stop();
    }
}

void httpMoved(Bench& bench) {
    if (asking(bench).sink() != nullptr) {
        answerEverything(bench);
        if (bench.plan().answers.empty()) bench.skip("give an [[http]] that takes what it sends");
        bench.http().setTrouble(Trouble::Moved);
        const Asked asked = ask(bench, bench.started());
        bench.expect(asked.status == HB_OK, "a server that has moved is followed", whatCame(asked));
        return;
    }
    const auto before = readAll(bench).messages();
    bench.http().setTrouble(Trouble::Moved);
    const Reading reading = readOn(bench.started());
    bench.expect(reading.messages() == before,
                 "a server that has moved gives the same messages from its new address",
                 std::to_string(reading.messages().size()) + " of " +
                     std::to_string(before.size()) + " come, " + describe(reading.last));
}

void httpRateLimited(Bench& bench) {
    Subject& subject = asking(bench);
    bench.http().setTrouble(Trouble::RateLimited);
    const Asked asked = ask(bench, subject);
    bench.expect(asked.status == HB_RATE_LIMITED, "an answer of 429 is RATE_LIMITED",
                 whatCame(asked));
    bench.expect(asked.retry_after_ms >= 119'000 && asked.retry_after_ms <= 86'400'000,
                 "\"Retry-After: 120\" is passed on as retry_after_ms 120000",
                 "it is " + std::to_string(asked.retry_after_ms));
}

void httpUnauthorised(Bench& bench) {
    Subject& subject = asking(bench);
    bench.http().setTrouble(Trouble::Unauthorised);
    const Asked asked = ask(bench, subject);
    bench.expect(asked.status == HB_AUTH, "an answer of 401 is AUTH", whatCame(asked));
}

void httpNotFound(Bench& bench) {
    Subject& subject = asking(bench);
    bench.http().setTrouble(Trouble::NotFound);
    const Asked asked = ask(bench, subject);
    bench.expect(asked.said.needsText() || asked.rejects > 0,
                 "an answer of 404 is told, not passed over", whatCame(asked));
    bench.expect(asked.status != HB_ITEM_INVALID,
                 "an answer of 404 to poll() is no item's fault: UNAVAILABLE, or CONFIG",
                 whatCame(asked));
}

void httpClock(Bench& bench) {
    (void)asking(bench);
    if (bench.manifest().kind == "sink") answerEverything(bench);
    const auto read = [&] {
        Subject& subject = bench.started();
        std::string came;
        if (subject.sink() != nullptr)
            came = nameOfStatus(ask(bench, subject).status);
        else
            for (const auto& [id, content] : readOn(subject).messages()) came += id + " ";
        (void)subject.stop();
        bench.http().forget();
        return came;
    };
    const std::string usual = read();
    bench.http().setTrouble(Trouble::WrongClock);
    for (const base::Micros skew : {base::Micros{0}, base::kDay, -base::kDay}) {
        bench.world().clock_skew = skew;
        const std::string came = read();
        bench.expect(came == usual,
                     "a clock that is a day off, here or at the server, loses nothing",
                     "with a right clock: " + usual.substr(0, 100) +
                         "; with a wrong one: " + came.substr(0, 100));
    }
}

constexpr unsigned kAsking = kChannels | kSinks;
constexpr std::string_view kAbi = "hearback/plugin/abi.h";
constexpr std::string_view kGuide = "docs/plugins.md";

constexpr Test kTests[] = {
    {"http/no-answer", 2, kAsking, "A server that is slow or closes early is UNAVAILABLE", kAbi,
     "back-off with jitter, then start again from the last checkpoint", httpNoAnswer, 30},
    {"http/server-error", 2, kAsking, "A server that answers 5xx is tried again later", kAbi,
     "back-off with jitter, then start again from the last checkpoint", httpServerError, 30},
    {"http/too-large", 2, kAsking, "An answer of ten mebibytes does no harm", kGuide,
     "One bad piece never spoils the rest: reject it", httpTooLarge, 30},
    {"http/not-understood", 2, kChannels, "An answer that cannot be read is told, not passed over",
     kGuide, "One bad piece never spoils the rest: reject it", httpNotUnderstood},
    {"http/broken-text", 2, kAsking, "An answer that is not valid UTF-8 does no harm", kGuide,
     "Text need not be clean: the host repairs UTF-8", httpBrokenText, 30},
    {"http/moved", 2, kAsking, "A server that has moved is followed", kGuide,
     "Certificates are checked, redirects followed", httpMoved},
    {"http/rate-limited", 2, kAsking, "429 is RATE_LIMITED, for as long as Retry-After says", kAbi,
     "the instance rests for retry_after_ms", httpRateLimited},
    {"http/unauthorised", 2, kAsking, "401 is AUTH", kAbi,
     "needs other credentials: a source stops", httpUnauthorised},
    {"http/not-found", 2, kChannels, "404 is told, and no item is blamed", kAbi, "Not of poll(),",
     httpNotFound},
    {"http/clock", 2, kAsking, "A clock that is a day off loses nothing", kAbi,
     "the only clock a plugin should read", httpClock, 20},
};

} // namespace

std::span<const Test> httpTests() { return kTests; }

} // namespace hearback::check
