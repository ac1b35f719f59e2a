#include "app/second_look.h"
#include "base/file_lock.h"
#include "cli/decision_text.h"
#include "cli/history_commands.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace hearback::cli {

namespace {

using v1::ReclassifyRun;

// The classifiers that are asked; none, and told, where something else was named.
std::vector<pipeline::Classifier*> chosen(const app::Plugins& plugins,
                                          const ReclassifyOptions& options) {
    const auto among = [](const std::vector<std::string>& names, const std::string& name) {
        return std::find(names.begin(), names.end(), name) != names.end();
    };
    std::vector<pipeline::Classifier*> all = plugins.classifiers();
    const auto complainOf = [&](const std::vector<std::string>& names, const char* what,
                                const std::string& (pipeline::Classifier::*of)() const) {
        for (const std::string& name : names) {
            if (std::any_of(all.begin(), all.end(),
                            [&](const auto* each) { return (each->*of)() == name; }))
                continue;
            complain("no classifier " + std::string(what) + " \"" + name + "\" is configured");
            return true;
        }
        return false;
    };
    if (complainOf(options.classifiers, "named", &pipeline::Classifier::name) ||
        complainOf(options.tasks, "with the task", &pipeline::Classifier::task))
        return {};
    if (all.empty()) complain("no classifiers are configured: there is nobody to ask");
    if (options.classifiers.empty() && options.tasks.empty()) return all;
    std::erase_if(all, [&](const auto* each) {
        return !among(options.classifiers, each->name()) && !among(options.tasks, each->task());
    });
    return all;
}

// What was asked for, to know an interrupted run by.
std::string wantedBy(const std::vector<pipeline::Classifier*>& classifiers,
                     const ReclassifyOptions& options) {
    std::vector<std::string> names;
    names.reserve(classifiers.size());
    for (const auto* classifier : classifiers) names.push_back(classifier->name());
    std::string wanted = joined(names);
    if (!options.since.empty()) wanted += " --since " + options.since;
    if (!options.until.empty()) wanted += " --until " + options.until;
    if (!options.source.empty()) wanted += " --source " + options.source;
    if (options.all) wanted += " --all";
    return wanted;
}

// Where to begin, or to go on; none, and told, where it cannot be.
std::optional<ReclassifyRun> runToDo(const ReclassifyOptions& options, const std::string& wanted,
                                     app::Environment& environment, app::Store& store, int& code) {
    code = kFailed;
    if (!options.shadow && !options.restart) {
        const auto kept = history::loadRun(store.database());
        if (!kept) {
            complain(kept.error());
            return std::nullopt;
        }
        if (*kept && (*kept)->ended_at_us() == 0) {
            if ((*kept)->wanted() == wanted) return *kept;
            complain("another reclassification was interrupted (" + (*kept)->wanted() +
                     "): finish it with the same words, or forget it with --restart");
            code = kUsage;
            return std::nullopt;
        }
    }
    const auto selection = readSelection(options, environment.clock, store, code);
    if (!selection) return std::nullopt;
    const auto last = store.messages().count();
    if (!last) {
        complain(last.error());
        return std::nullopt;
    }
    ReclassifyRun run;
    run.set_wanted(wanted);
    run.set_since_us(selection->since);
    run.set_until_us(selection->until);
    run.set_source(selection->source);
    run.set_last(*last);
    run.set_begun_at_us(environment.clock.now());
    return run;
}

struct Reclassified {
    ReclassifyRun run;
    std::optional<base::Error> problem;
    bool is_interrupted = false;
    bool is_left_behind = false; // a plugin does not return
    double seconds = 0;
};

void show(ProgressLine& line, const ReclassifyRun& run, std::int64_t begun, double seconds) {
    std::string note = grouped(run.looked_at()) + " messages";
    const auto done = static_cast<double>(run.position() - begun);
    if (done > 0 && seconds > 1) {
        const double left = static_cast<double>(run.last() - run.position()) * seconds / done;
        note += ", " + grouped(static_cast<std::int64_t>(left) + 1) + " s left";
    }
    line.show(run.position(), run.last(), note);
}

// On a thread of its own, while this one looks for signals.
Reclassified runToEnd(app::Reclassification& reclassification, app::Environment& environment,
                      StopSignal& signal) {
    Reclassified outcome;
    ProgressLine line("reclassifying");
    const base::Micros begun = environment.clock.steady();
    const std::int64_t from = reclassification.progress().position();
    const auto seconds = [&] {
        return static_cast<double>(environment.clock.steady() - begun) / 1e6;
    };
    std::atomic<bool> has_ended = false;
    base::Result<bool> result = false;
    std::jthread work([&](const std::stop_token& stop) {
        result = reclassification.run(stop);
        has_ended = true;
    });
    while (!has_ended) {
        show(line, reclassification.progress(), from, seconds());
        if (!signal.wait(50 * base::kMillisecond)) continue;
        work.request_stop();
        reclassification.cancel();
        break;
    }
    outcome.is_left_behind = !reclassification.stop();
    work.join();
    outcome.run = reclassification.progress();
    outcome.seconds = seconds();
    if (!result)
        outcome.problem = result.error();
    else
        outcome.is_interrupted = !*result;
    return outcome;
}

void print(const Reclassified& outcome, bool shadow) {
    const ReclassifyRun& run = outcome.run;
    std::printf("%s: %s messages looked at, %s asked about, in %.1f s\n",
                shadow ? "shadow run" : "reclassified", grouped(run.looked_at()).c_str(),
                grouped(run.asked()).c_str(), outcome.seconds);
    for (const auto& [classifier, version] : run.versions())
        std::printf("  %s answers as %s\n", classifier.c_str(), fitTo(version, 100).c_str());
    std::printf("%s", describe(run.tally()).c_str());
    if (run.looked_at() > 0 && run.tally().changed() == 0)
        std::printf("no decision %s\n", shadow ? "would be another one" : "became another one");
    else if (shadow)
        std::printf("\n%s of %s messages would be decided otherwise; nothing was changed\n",
                    grouped(run.tally().changed()).c_str(), grouped(run.looked_at()).c_str());
    else
        std::printf(
            "\n%s messages have other labels now; their teams, priorities and tags are what "
            "they were, and nothing was sent\n",
            grouped(run.tally().changed()).c_str());
    if (run.unanswered() > 0)
        std::printf("%s messages keep their labels, because a classifier did not answer: run it "
                    "once more\n",
                    grouped(run.unanswered()).c_str());
}

void printJson(const Reclassified& outcome, bool shadow) {
    const ReclassifyRun& run = outcome.run;
    nlohmann::json json = toJson(run.tally());
    json["shadow"] = shadow;
    json["looked_at"] = run.looked_at();
    json["asked"] = run.asked();
    json["written"] = shadow ? 0 : run.written();
    json["unanswered"] = run.unanswered();
    json["seconds"] = outcome.seconds;
    json["complete"] = run.ended_at_us() != 0;
    json["versions"] = nlohmann::json::object();
    for (const auto& [classifier, version] : run.versions()) json["versions"][classifier] = version;
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int codeOf(const Reclassified& outcome, const ReclassifyOptions& options) {
    if (outcome.problem) complain(*outcome.problem);
    if (outcome.problem || outcome.is_interrupted) {
        complain(options.shadow ? "not complete: what is shown was found until then"
                                : "interrupted; run it again and it goes on where it was");
        return kFailed;
    }
    return outcome.run.unanswered() > 0 ? kPartly : kDone;
}

} // namespace

int runReclassify(const CommonOptions& common, const ReclassifyOptions& options) {
    StopSignal signal;
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    base::FileLock lock(settings->data_dir / "reclassify.lock");
    if (!options.shadow && !lock.tryTake()) {
        complain("another reclassification runs on these data");
        return kFailed;
    }
    std::vector<config::Problem> problems;
    app::Plugins plugins(*settings, environment, store.get(), problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    const auto classifiers = chosen(plugins, options);
    if (classifiers.empty()) return kUsage;
    int code = kDone;
    auto run = runToDo(options, wantedBy(classifiers, options), environment, *store, code);
    if (!run) return code;
    if (run->position() > 0 && !common.json)
        std::printf("goes on behind message %s of %s\n", grouped(run->position()).c_str(),
                    grouped(run->last()).c_str());
    app::Reclassification reclassification(environment, *store, plugins,
                                           {classifiers, options.rate, options.all, options.shadow},
                                           std::move(*run));
    const Reclassified outcome = runToEnd(reclassification, environment, signal);
    if (common.json)
        printJson(outcome, options.shadow);
    else
        print(outcome, options.shadow);
    code = codeOf(outcome, options);
    if (outcome.is_left_behind) {
        std::fflush(nullptr);
        std::_Exit(code);
    }
    return code;
}

} // namespace hearback::cli
