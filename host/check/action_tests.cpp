// Levels 1 and 2: what a channel can do on its channel.
#include "check/bench.h"
#include "check/samples.h"
#include "check/test.h"
#include "check/traces.h"

#include "base/utf8.h"

#include <algorithm>
#include <set>

namespace hearback::check {

namespace {

constexpr std::int32_t kLongest = 100'000;

v1::Capabilities capabilitiesOf(Bench& bench, Subject& subject, const std::string& target) {
    v1::CapabilitiesRequest request;
    if (!target.empty()) *request.mutable_target() = targetOf(target);
    const Said said = subject.capabilities(request.SerializeAsString());
    v1::Capabilities all;
    if (!said.isOk() || !all.ParseFromString(said.bytes))
        bench.skip("capabilities() gives " + describe(said) + ": see actions/capabilities");
    return all;
}

const v1::Capability* find(const v1::Capabilities& all, int kind) {
    const auto found =
        std::find_if(all.capabilities().begin(), all.capabilities().end(),
                     [&](const v1::Capability& each) { return each.kind() == kind; });
    return found == all.capabilities().end() ? nullptr : &*found;
}

std::string nameOf(int kind) { return v1::ActionKind_Name(static_cast<v1::ActionKind>(kind)); }

void mustBeWell(Bench& bench, const v1::Capability& each) {
    const std::string name = nameOf(each.kind());
    bench.expect(each.available() || !each.reason().empty(),
                 "what cannot be done now says why, for the person who would have done it",
                 name + " is not available and has no reason");
    bench.expect(each.text_max() >= 0 &&
                     (each.text_max() == 0 || each.text_unit() != v1::TEXT_UNIT_UNSPECIFIED),
                 "a limit of the text says what it counts",
                 name + " has a text_max without a unit");
    bench.expect(each.idempotency() != v1::IDEMPOTENCY_UNSPECIFIED,
                 "a capability says how a repeat is kept from doing it twice",
                 name + " leaves idempotency out");
    bench.expect(each.until_us() == 0 || each.until_us() > 30 * base::kDay,
                 "times are microseconds since 1970",
                 name + " has until_us " + std::to_string(each.until_us()));
}

void actionsCapabilities(Bench& bench) {
    Subject& subject = bench.started();
    for (const char* target : {"", "1"}) {
        v1::CapabilitiesRequest request;
        if (*target != '\0') *request.mutable_target() = targetOf(target);
        const Said said = subject.capabilities(request.SerializeAsString());
        bench.expect(said.isOk(), "capabilities() of a running instance is OK",
                     std::string(*target == '\0' ? "of the connection" : "of a message") +
                         " it gives " + describe(said));
        v1::Capabilities all;
        bench.expect(all.ParseFromString(said.bytes), "what it writes are Capabilities",
                     "they are none");
        std::set<int> seen;
        for (const v1::Capability& each : all.capabilities()) {
            bench.expect(each.kind() != v1::ACTION_KIND_UNSPECIFIED &&
                             v1::ActionKind_IsValid(each.kind()),
                         "a capability has a kind of action.proto",
                         "there is one of kind " + std::to_string(each.kind()));
            bench.expect(seen.insert(each.kind()).second, "each kind is listed once",
                         nameOf(each.kind()) + " is listed twice");
            mustBeWell(bench, each);
        }
    }
    const Said said = subject.capabilities("\xff\xff\xff\xff");
    bench.expect(!said.isOk(), "bytes that are no CapabilitiesRequest are refused", "they are OK");
}

std::vector<Exchange> changesOf(Bench& bench) {
    std::vector<Exchange> changes;
    for (Exchange& exchange : bench.http().exchanges())
        if (exchange.changes) changes.push_back(std::move(exchange));
    return changes;
}

std::optional<v1::ActionResult> resultOf(const Said& said) {
    v1::ActionResult result;
    if (!said.isOk() || !result.ParseFromString(said.bytes)) return std::nullopt;
    return result;
}

bool isDone(const std::optional<v1::ActionResult>& result) {
    return result && (result->state() == v1::ACTION_STATE_DONE ||
                      result->state() == v1::ACTION_STATE_PENDING);
}

void actionsUnlisted(Bench& bench) {
    Subject& subject = bench.started();
    const v1::Capabilities all = capabilitiesOf(bench, subject, "1");
    bool tried = false;
    for (int kind = v1::ActionKind_MIN; kind <= v1::ActionKind_MAX; ++kind) {
        if (find(all, kind) != nullptr) continue;
        tried = true;
        const ActionToTry action{kind, "1", "Thank you!", "tag"};
        const Said said = subject.act(actionOf(action, "unlisted").SerializeAsString());
        bench.expect(said.status == HB_UNSUPPORTED,
                     "an action that is not among the capabilities is UNSUPPORTED",
                     "for " + nameOf(kind) + " act() gives " + describe(said));
    }
    if (!tried) bench.skip("it can do everything");
    const Said said = subject.act("\xff\xff\xff\xff");
    bench.expect(!said.isOk(), "bytes that are no Action are refused", "they are OK");
}

// The actions of the plan, or one of each kind that can be done.
std::vector<ActionToTry> actionsOf(Bench& bench, const v1::Capabilities& all) {
    if (!bench.plan().actions.empty()) return bench.plan().actions;
    std::vector<ActionToTry> actions;
    for (const v1::Capability& each : all.capabilities())
        if (each.available()) actions.push_back({each.kind(), "1", "Thank you!", "tag"});
    if (actions.empty()) bench.skip("nothing can be done: give an [[action]]");
    return actions;
}

void actionsResults(Bench& bench) {
    Subject& subject = bench.started();
    bool has_result = false;
    for (const ActionToTry& each : actionsOf(bench, capabilitiesOf(bench, subject, "1"))) {
        bench.http().forget();
        const Said said = subject.act(actionOf(each, "results").SerializeAsString());
        const std::string name = nameOf(each.kind);
        if (!said.isOk()) {
            bench.expect(said.isKnown() && !said.text.empty(),
                         "an action that was not tried says why",
                         "act() of " + name + " gives " + describe(said));
            bench.expect(bench.plan().actions.empty(), "the actions given can be done",
                         "act() of " + name + " gives " + describe(said));
            continue;
        }
        has_result = true;
        const auto result = resultOf(said);
        bench.expect(result.has_value(), "what act() writes is an ActionResult",
                     "for " + name + " it is none");
        bench.expect(result->state() != v1::ACTION_STATE_UNSPECIFIED,
                     "a result says whether it is done, pending or rejected",
                     "that of " + name + " does not");
        bench.expect(result->state() != v1::ACTION_STATE_REJECTED || !result->text().empty(),
                     "a rejection says why, for the person who asked for it",
                     "that of " + name + " does not");
    }
    if (!has_result)
        bench.skip("no action succeeded with the data given: give [[action]] and [[http]]");
}

void actionsDryRun(Bench& bench) {
    Subject& subject = bench.started();
    const v1::Capabilities all = capabilitiesOf(bench, subject, "1");
    for (const ActionToTry& each : actionsOf(bench, all)) {
        bench.http().forget();
        v1::Action action = actionOf(each, "dry");
        action.set_dry_run(true);
        const Said said = subject.act(action.SerializeAsString());
        const auto changes = changesOf(bench);
        bench.expect(changes.empty(), "with dry_run nothing is changed at the remote side",
                     "act() of " + nameOf(each.kind) + " gives " + describe(said) + " and sends " +
                         (changes.empty() ? ""
                                          : changes.front().request.method() + " " +
                                                changes.front().request.url()));
    }
}

// What a second attempt may have sent, by what the capability promises.
void mustBeOnce(Bench& bench, v1::Idempotency promise, const std::vector<Exchange>& changes,
                const std::string& key, const std::string& name) {
    const auto sent = std::to_string(changes.size()) + " changing requests for " + name;
    if (changes.size() < 2) return;
    switch (promise) {
    case v1::IDEMPOTENCY_VENDOR_KEY:
        for (const Exchange& exchange : changes)
            bench.expect(everythingOf(exchange.request).find(key) != std::string::npos,
                         "each attempt carries the idempotency key, which the remote side knows",
                         "one of the " + sent + " does not");
        return;
    case v1::IDEMPOTENCY_NATURAL_KEY:
        for (const Exchange& exchange : changes)
            bench.expect(exchange.request.method() == changes.front().request.method() &&
                             exchange.request.url() == changes.front().request.url() &&
                             exchange.request.body() == changes.front().request.body(),
                         "what is done again changes nothing: each attempt asks for the same",
                         "the " + sent + " differ");
        return;
    default:
        bench.fail("the plugin looks whether it is there before it writes: once in all",
                   "there are " + sent + " with the same idempotency key");
    }
}

void actionsSameKey(Bench& bench) {
    Subject& subject = bench.started();
    const v1::Capabilities all = capabilitiesOf(bench, subject, "1");
    bool tried = false;
    for (const ActionToTry& each : actionsOf(bench, all)) {
        const v1::Capability* const can = find(all, each.kind);
        if (can == nullptr || can->idempotency() == v1::IDEMPOTENCY_NONE) continue;
        bench.http().forget();
        const std::string key = "key-of-" + nameOf(each.kind);
        v1::Action action = actionOf(each, key);
        if (!isDone(resultOf(subject.act(action.SerializeAsString())))) continue;
        tried = true;
        action.set_attempt(2);
        const Said again = subject.act(action.SerializeAsString());
        bench.expect(isDone(resultOf(again)) || again.status == HB_CONFLICT,
                     "an action that was done is done when the same key comes again",
                     "act() of " + nameOf(each.kind) + " gives " + describe(again));
        mustBeOnce(bench, can->idempotency(), changesOf(bench), key, nameOf(each.kind));
    }
    if (!tried)
        bench.skip("no action that may be repeated succeeded with the data given: give [[action]] "
                   "and [[http]]");
}

void actionsTextLimit(Bench& bench) {
    Subject& subject = bench.started();
    const v1::Capabilities all = capabilitiesOf(bench, subject, "1");
    bool tried = false;
    for (const v1::Capability& each : all.capabilities()) {
        if (!each.available() || each.text_max() <= 0 || each.text_max() > kLongest) continue;
        tried = true;
        bench.http().forget();
        const ActionToTry action{
            each.kind(), "1", std::string(static_cast<std::size_t>(each.text_max()) + 1, 'x'), ""};
        const Said said = subject.act(actionOf(action, "long").SerializeAsString());
        bench.expect(changesOf(bench).empty() && !isDone(resultOf(said)),
                     "a text that is longer than text_max is refused before it is sent",
                     "act() of " + nameOf(each.kind()) + " with " +
                         std::to_string(each.text_max() + 1) + " letters gives " + describe(said) +
                         " and sends " + std::to_string(changesOf(bench).size()) +
                         " changing requests");
    }
    if (!tried) bench.skip("no capability has a text_max");
}

constexpr std::string_view kActions = "hearback/plugin/actions.h";
constexpr std::string_view kSchema = "schemas/hearback/v1/action.proto";

constexpr Test kTests[] = {
    {"actions/capabilities", 1, kActing,
     "Capabilities are whole, and what is not available has a reason", kSchema,
     "Why not, for the person who would have done it", actionsCapabilities},
    {"actions/unlisted", 1, kActing, "An action that is not among the capabilities is UNSUPPORTED",
     kActions, "HB_UNSUPPORTED for a kind that is not among the capabilities", actionsUnlisted},
    {"actions/results", 1, kActing, "A result says what became of the action", kSchema,
     "The channel took it and will confirm it through the source", actionsResults},
    {"actions/text-limit", 1, kActing, "A text beyond its limit is refused before it is sent",
     kSchema, "Longest text, for replies; 0: no limit", actionsTextLimit},
    {"actions/dry-run", 2, kActing, "With dry_run nothing is changed at the remote side", kActions,
     "With dry_run nothing is changed at the", actionsDryRun},
    {"actions/same-key", 2, kActing,
     "The same key twice has one effect, as the capability promises", kActions,
     "The same idempotency_key comes again after an unclear outcome", actionsSameKey},
};

} // namespace

std::span<const Test> actionTests() { return kTests; }

} // namespace hearback::check
