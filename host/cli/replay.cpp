#include "app/second_look.h"
#include "cli/decision_text.h"
#include "cli/event_log_head.h"
#include "cli/history_commands.h"
#include "cli/message_text.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

namespace hearback::cli {

namespace {

// Nothing goes out: answers of the web are played back where the configuration has a recording of
// them, and refused where it has none.
void shutOff(config::Settings& settings) {
    if (settings.http_recording == config::HttpRecording::Record)
        settings.http_recording = config::HttpRecording::Off;
    settings.egress_allow.clear();
    settings.egress_ports.clear();
    // Sinks are only names here, and sources nothing.
    settings.sources.clear();
}

// What another build or configuration has to do with the differences.
std::vector<std::string> changesSince(const v1::EventLogHead& then, const v1::EventLogHead& now) {
    std::vector<std::string> changes;
    if (then.hearback_version() != now.hearback_version())
        changes.push_back("Hearback " + then.hearback_version() + " recorded, this is " +
                          now.hearback_version());
    if (then.config_fingerprint() != now.config_fingerprint())
        changes.emplace_back("the configuration file is another one");
    for (const v1::ClassifierVersion& was : then.classifiers())
        for (const v1::ClassifierVersion& is : now.classifiers())
            if (was.name() == is.name() && was.plugin_sha256() != is.plugin_sha256())
                changes.push_back("classifier " + is.name() + ": " + was.plugin() + " " +
                                  was.plugin_version() + " recorded, this is " + is.plugin() + " " +
                                  is.plugin_version());
    return changes;
}

struct Replayed {
    history::ReplayOutcome replay;
    std::optional<base::Error> problem;
    bool is_left_behind = false;
};

// On a thread of its own, while this one looks for signals.
Replayed replayAll(app::Replay& replay, history::EventLogReader& log,
                   const history::Decided& decided, StopSignal& signal) {
    Replayed outcome;
    std::atomic<bool> has_ended = false;
    base::Result<history::ReplayOutcome> result = history::ReplayOutcome{};
    std::jthread work([&](const std::stop_token& stop) {
        result = replay.run(log, decided, stop);
        has_ended = true;
    });
    while (!has_ended) {
        if (!signal.wait(20 * base::kMillisecond)) continue;
        work.request_stop();
        break;
    }
    outcome.is_left_behind = !replay.stop();
    work.join();
    if (result)
        outcome.replay = std::move(*result);
    else
        outcome.problem = result.error();
    return outcome;
}

void print(const ReplayOptions& options, const v1::EventLogHead& then, const v1::EventLogHead& now,
           const history::ReplayOutcome& outcome) {
    std::printf("%s, recorded %s: %s decisions made again\n", options.log.c_str(),
                shortTime(then.recorded_at_us()).c_str(),
                grouped(outcome.tally.messages()).c_str());
    for (const std::string& change : changesSince(then, now))
        std::printf("  %s\n", fitTo(change, 200).c_str());
    std::printf("%s", describe(outcome.tally).c_str());
    if (outcome.tally.changed() == 0)
        std::printf("every decision is the same\n");
    else
        std::printf("\n%s of %s decisions differ\n", grouped(outcome.tally.changed()).c_str(),
                    grouped(outcome.tally.messages()).c_str());
}

void printJson(const v1::EventLogHead& then, const v1::EventLogHead& now,
               const history::ReplayOutcome& outcome) {
    nlohmann::json json = toJson(outcome.tally);
    json["recorded_by"] = then.hearback_version();
    json["recorded_at_us"] = then.recorded_at_us();
    json["since_then"] = changesSince(then, now);
    json["complete"] = outcome.is_whole;
    json["unanswered"] = outcome.unanswered;
    std::printf("%s\n", json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

int codeOf(const Replayed& outcome) {
    if (outcome.problem) {
        complain(*outcome.problem);
        return kFailed;
    }
    if (!outcome.replay.is_whole) {
        complain("interrupted: what is shown was found until then");
        return kFailed;
    }
    if (outcome.replay.unanswered > 0) {
        complain("classifiers did not answer for " + grouped(outcome.replay.unanswered) +
                 " messages, whose labels of these are not compared: see above for the cause");
        return kPartly;
    }
    return outcome.replay.tally.changed() > 0 ? kDiffers : kDone;
}

} // namespace

int runReplay(const CommonOptions& common, const ReplayOptions& options) {
    StopSignal signal;
    auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    shutOff(*settings);
    auto log = history::EventLogReader::open(options.log);
    if (!log) {
        complain(log.error());
        return kFailed;
    }
    history::ReplayClock clock;
    clock.setNow(log->head().recorded_at_us());
    base::SeededRandom random(1);
    app::Environment environment(clock, random);
    std::vector<config::Problem> problems;
    app::Plugins plugins(*settings, environment, nullptr, problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    const v1::EventLogHead now = headOf(*settings, plugins.catalog(), log->head().recorded_at_us());
    std::optional<history::EventLogWriter> out;
    if (!options.out.empty()) {
        auto created = history::EventLogWriter::create(options.out, now);
        if (!created) {
            complain(created.error());
            return kFailed;
        }
        out = std::move(*created);
    }
    app::Replay replay(environment, clock, plugins);
    const auto keep = [&](const pipeline::Item& item) -> base::Result<void> {
        if (!out) return {};
        v1::Decision decision;
        decision.set_message_id(item.message_id);
        *decision.mutable_message() = item.message;
        *decision.mutable_annotations() = item.annotations;
        *decision.mutable_route() = item.route;
        return out->add(std::move(decision));
    };
    Replayed outcome = replayAll(replay, *log, keep, signal);
    if (out && !outcome.problem && outcome.replay.is_whole) {
        const auto finished = out->finish();
        if (!finished) outcome.problem = finished.error();
    }
    if (out && (outcome.problem || !outcome.replay.is_whole)) {
        std::error_code ignored;
        std::filesystem::remove(options.out, ignored);
    }
    if (common.json)
        printJson(log->head(), now, outcome.replay);
    else
        print(options, log->head(), now, outcome.replay);
    const int code = codeOf(outcome);
    if (outcome.is_left_behind) {
        std::fflush(nullptr);
        std::_Exit(code);
    }
    return code;
}

} // namespace hearback::cli
