// PluginHost: from the plugins that lie in the directories now to new versions of those that run.
#include "runtime/adapters.h"
#include "runtime/permissions.h"
#include "runtime/plugin_host.h"
#include "runtime/upgrade_notes.h"

#include <algorithm>

namespace hearback::runtime {

namespace {

using loader::Method;
using loader::PluginManifest;

// Empty, or why the one cannot take the place of the other while the host runs.
std::string whyNoUpgrade(const PluginManifest& from, const PluginManifest& to) {
    if (to.kind != from.kind) return "it is a " + to.kind + " now: restart the host";
    if (to.task != from.task) return "it has another task now: restart the host";
    if (to.needs != from.needs)
        return "it needs something else from the host now: look at it with `hearback plugin "
               "inspect`, then restart the host";
    if (const std::string host = hostBeyond(from.hosts, to.hosts); !host.empty())
        return "it wants to send to " + host +
               " now, which the version that runs does not: look at it with `hearback plugin "
               "inspect`, then restart the host";
    return {};
}

// Rules were held against the labels: those that were there must still be.
std::string whyNoLabels(loader::PluginInstance& from, loader::PluginInstance& to) {
    const auto known = labelsOf(from);
    const auto now = labelsOf(to);
    if (!now) return now.error().message;
    if (!known) return {};
    for (const std::string& label : *known)
        if (std::find(now->begin(), now->end(), label) == now->end())
            return "it has no label \"" + label + "\" any more: restart the host";
    return {};
}

} // namespace

std::set<std::string> PluginHost::upgrade(Trust trust) {
    trust_ = std::move(trust);
    catalog_ = loader::Catalog(directories_);
    std::set<std::string> channels;
    std::erase_if(made_, [](const Made& made) { return made.instance.expired(); });
    for (const Made& made : made_) {
        const auto running = made.instance.lock();
        if (running && offerNewest(made, *running) && made.kind == "channel")
            channels.insert(made.settings.name);
    }
    return channels;
}

// True where a new version was offered.
bool PluginHost::offerNewest(const Made& made, Upgradable& running) {
    UpgradeNote note;
    note.instance = made.settings.name;
    note.kind = made.kind;
    note.plugin = made.settings.plugin;
    note.from_version = running.version();
    const auto found = catalog_.find(made.settings.plugin);
    if (!found) {
        note.outcome = UpgradeOutcome::Refused;
        note.cause = "what runs goes on, but would not start again: " + found.error().message;
        services_.upgrades.note(note);
        return false;
    }
    if (found->file->hash == running.newestHash()) return false;
    note.to_version = found->manifest->version;
    note.to_hash = found->file->hash;
    note.outcome = UpgradeOutcome::Refused;
    note.cause = whyNoUpgrade(running.manifest(), *found->manifest);
    Version next;
    if (note.cause.empty()) next = newVersion(made, running, note.cause);
    if (!note.cause.empty()) {
        services_.upgrades.note(note);
        return false;
    }
    note.outcome = UpgradeOutcome::Waiting;
    services_.upgrades.note(note);
    running.offer(std::move(next), [&notes = services_.upgrades, note, path = found->file->path](
                                       UpgradeStep step, const std::string& why) mutable {
        note.outcome = step == UpgradeStep::TookOver ? UpgradeOutcome::OnTrial
                       : step == UpgradeStep::Kept   ? UpgradeOutcome::Done
                                                     : UpgradeOutcome::RolledBack;
        note.cause = why;
        if (step == UpgradeStep::RolledBack)
            note.cause += " (the next start would load it again: replace " + path.string() + ")";
        notes.note(note);
    });
    return true;
}

Version PluginHost::newVersion(const Made& made, Upgradable& running, std::string& why_not) {
    std::vector<config::Problem> problems;
    Version next = makeVersion(made.settings, made.kind, problems);
    if (!problems.empty()) {
        why_not = problems.front().path + " " + problems.front().text;
        return {};
    }
    // A worker whose plugin dies at once is made, to be started again later: not so here.
    const pipeline::Answer health = next.instance->health();
    if (!health.isOk())
        why_not = health.text;
    else if (next.instance->can(Method::Check)) {
        const pipeline::Answer checked = next.instance->run({.method = Method::Check});
        if (!checked.isOk()) why_not = "its check fails: " + checked.text;
    }
    if (why_not.empty() && made.kind == "classifier")
        why_not = whyNoLabels(running, *next.instance);
    return next;
}

} // namespace hearback::runtime
