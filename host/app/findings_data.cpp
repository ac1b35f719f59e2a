#include "app/findings.h"
#include "runtime/quarantine.h"

#include <nlohmann/json.hpp>

namespace hearback::app {

namespace {

using deliver::DeliveryState;

std::string many(std::int64_t count, const std::string& one, const std::string& more) {
    return std::to_string(count) + " " + (count == 1 ? one : more);
}

void examineHolds(const config::Settings& settings, Store& store, Findings& findings) {
    const auto look = [&](storage::Term kind, const config::PluginSettings& plugin) {
        const auto hold = store.outbox().holdOf({kind, plugin.name});
        if (!hold || !*hold) return;
        findings.push_back({Severity::Error,
                            (kind == storage::Term::Sink ? "sink " : "source ") + plugin.name,
                            "nothing is sent to it until somebody resumes it: " + (*hold)->cause,
                            "mend that, then: hearback deliveries resume " + plugin.name});
    };
    for (const config::PluginSettings& sink : settings.sinks) look(storage::Term::Sink, sink);
    for (const config::PluginSettings& source : settings.sources)
        look(storage::Term::Source, source);
}

void examineQuarantine(Store& store, Findings& findings) {
    base::SystemClock clock;
    const auto all = runtime::Quarantine(&store.database(), clock).list();
    if (!all) return;
    for (const runtime::QuarantinedInstance& each : *all) {
        const bool runs = each.quarantined_at == 0;
        findings.push_back(
            {runs ? Severity::Warning : Severity::Error, "plugin " + each.instance,
             (runs ? "it ended the host and runs in a worker until it is released: "
                   : "it crashed again and again and is not started any more: ") +
                 each.cause,
             "install another version, or: hearback plugin release " + each.instance});
    }
}

// The answer to a refresh token that is taken only once was lost, and the last access token ended.
void examineTokens(Store& store, base::Micros now, Findings& findings) {
    const auto all = store.kv().all(runtime::KvStore::kTokens);
    if (!all) return;
    for (const auto& [key, text] : *all) {
        const auto kept = nlohmann::json::parse(text, nullptr, false);
        if (!kept.is_object() || !kept.value("is_sent", false) || !kept.value("rotates", false) ||
            kept.value("ends_at", base::Micros{0}) > now)
            continue;
        const std::string instance = kept.value("instance", "");
        findings.push_back(
            {Severity::Error, instance.empty() ? "tokens" : "plugin " + instance,
             "its access token ended and no other one can be had with the refresh "
             "token that is kept.",
             "connect the account again and put the new refresh token in its place"});
    }
}

} // namespace

void examineData(const config::Settings& settings, Store& store, base::Micros now,
                 Findings& findings) {
    const auto letters = dead_letters::countLetters(store.database());
    if (letters && *letters > 0)
        findings.push_back(
            {Severity::Warning, "dead letters",
             many(*letters, "dead letter waits", "dead letters wait") + " for a mend.",
             "hearback dead-letters list"});
    const auto unclear = store.outbox().count(DeliveryState::Unclear);
    if (unclear && *unclear > 0)
        findings.push_back({Severity::Warning, "deliveries",
                            many(*unclear, "delivery", "deliveries") +
                                " may have arrived or not; a person has to look.",
                            "hearback deliveries list --state unclear"});
    examineHolds(settings, store, findings);
    examineQuarantine(store, findings);
    examineTokens(store, now, findings);
}

} // namespace hearback::app
