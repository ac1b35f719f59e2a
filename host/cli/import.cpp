#include "app/engine.h"
#include "app/replay.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "cli/stop_signal.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace hearback::cli {

namespace {

using config::Value;

// Rows of one hand-over: large enough that the commit is not the bottleneck.
constexpr std::int64_t kImportBatch = 2048;

// "My Export (2).csv" -> "my-export-2"
std::string sourceName(const std::filesystem::path& file) {
    std::string name;
    for (const char c : file.stem().string()) {
        const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
        const bool plain = (small >= 'a' && small <= 'z') || (small >= '0' && small <= '9');
        if (plain || small == '_')
            name += small;
        else if (!name.empty() && name.back() != '-')
            name += '-';
    }
    while (!name.empty() && name.back() == '-') name.pop_back();
    if (name.empty() || name.front() < 'a' || name.front() > 'z') name.insert(0, "import-");
    return name.substr(0, 64);
}

std::optional<config::PluginSettings> sourceSettings(const ImportOptions& options) {
    config::PluginSettings source;
    source.name = options.source.empty() ? sourceName(options.file) : options.source;
    source.plugin = "file";
    source.path = "import";
    Value::Table columns;
    for (const std::string& column : options.columns) {
        const auto equals = column.find('=');
        if (equals == std::string::npos || equals == 0) {
            complain("--column takes FIELD=COLUMN, such as text=comment; not " + column);
            return std::nullopt;
        }
        columns.emplace_back(column.substr(0, equals), Value(column.substr(equals + 1), {}));
    }
    Value::Table table;
    table.emplace_back("path", Value(std::filesystem::absolute(options.file).string(), {}));
    table.emplace_back("format", Value(options.format, {}));
    table.emplace_back("encoding", Value(options.encoding, {}));
    if (!options.channel.empty()) table.emplace_back("channel", Value(options.channel, {}));
    if (!columns.empty()) table.emplace_back("columns", Value(std::move(columns), {}));
    source.settings = Value(std::move(table), {});
    return source;
}

struct Outcome {
    intake::SourceState state;
    bool interrupted = false;
    bool leaves_deliveries = false; // a running server has them
    std::int64_t delivered = 0;
    std::int64_t to_deliver = 0; // that failed and wait
    double seconds = 0;
};

void show(ProgressLine& line, const intake::SourceState& state) {
    const pipeline::Stored& stored = state.stored;
    line.show(state.progress_done, state.progress_total,
              grouped(stored.inserted + stored.revised + stored.duplicates + stored.dead_letters) +
                  " rows");
}

void print(const ImportOptions& options, const std::string& source, const Outcome& outcome) {
    const pipeline::Stored& stored = outcome.state.stored;
    const std::int64_t rows =
        stored.inserted + stored.revised + stored.deleted + stored.duplicates + stored.dead_letters;
    std::printf("%s as source \"%s\": %s row%s in %.1f s", options.file.c_str(), source.c_str(),
                grouped(rows).c_str(), rows == 1 ? "" : "s", outcome.seconds);
    if (rows > 0 && outcome.seconds > 0)
        std::printf(" (%s a second)",
                    grouped(static_cast<std::int64_t>(static_cast<double>(rows) / outcome.seconds))
                        .c_str());
    std::printf("\n");
    const auto line = [](const char* what, std::int64_t count, const char* hint = "") {
        if (count > 0) std::printf("  %-22s %10s  %s\n", what, grouped(count).c_str(), hint);
    };
    line("new messages", stored.inserted);
    line("edits", stored.revised);
    line("deletions", stored.deleted);
    line("known already", stored.duplicates);
    line("kept as dead letters", stored.dead_letters, "hearback dead-letters list");
    if (rows == 0) std::printf("  nothing new since the last import of this file\n");
    line("delivered to sinks", outcome.delivered);
    line("to be delivered", outcome.to_deliver, "hearback serve tries again");
    if (outcome.leaves_deliveries)
        std::printf("  deliveries are left to the hearback serve that runs\n");
}

void printJson(const ImportOptions& options, const std::string& source, const Outcome& outcome) {
    const pipeline::Stored& stored = outcome.state.stored;
    std::printf("%s\n", nlohmann::json{{"file", options.file},
                                       {"source", source},
                                       {"inserted", stored.inserted},
                                       {"revised", stored.revised},
                                       {"deleted", stored.deleted},
                                       {"duplicates", stored.duplicates},
                                       {"dead_letters", stored.dead_letters},
                                       {"seconds", outcome.seconds},
                                       {"complete", !outcome.interrupted}}
                            .dump(2)
                            .c_str());
}

// Reads the file to its end; search and counts are up to date when this returns.
Outcome importAll(app::Environment& environment, app::Store& store, app::Engine& engine,
                  pipeline::Source& source, const ImportOptions& options, StopSignal& signal) {
    Outcome outcome;
    ProgressLine line("importing");
    const base::Micros begun = environment.clock.steady();
    const auto runner = engine.makeRunner(source, kImportBatch);
    engine.start();
    runner->start();
    while (!runner->waitForEnd(100 * base::kMillisecond)) {
        show(line, runner->state());
        if (!signal.wait(0)) continue;
        outcome.interrupted = true;
        break;
    }
    (void)runner->stop(10 * base::kSecond);
    outcome.state = runner->state();
    while (!outcome.interrupted) {
        const auto more = store.search().step();
        if (!more || !*more) break;
        line.show(outcome.state.progress_total, outcome.state.progress_total, "indexing");
        outcome.interrupted = signal.wait(0);
    }
    outcome.seconds = static_cast<double>(environment.clock.steady() - begun) / 1e6;
    if (!outcome.interrupted && !options.no_deliver && !engine.sinkStates().empty()) {
        line.show(outcome.state.progress_total, outcome.state.progress_total, "delivering");
        const bool mine = engine.deliverNow();
        for (const deliver::SinkState& sink : engine.sinkStates())
            outcome.delivered += sink.delivered;
        const auto waiting = store.outbox().count(deliver::DeliveryState::Waiting);
        outcome.leaves_deliveries = !mine;
        outcome.to_deliver = mine && waiting ? *waiting : 0;
    }
    return outcome;
}

} // namespace

int runImport(const CommonOptions& common, const ImportOptions& options) {
    StopSignal signal;
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    const auto source_settings = sourceSettings(options);
    if (!source_settings) return kUsage;
    const auto clash =
        std::find_if(settings->sources.begin(), settings->sources.end(),
                     [&](const auto& each) { return each.name == source_settings->name; });
    if (clash != settings->sources.end() && clash->plugin != "file") {
        complain("the source \"" + source_settings->name +
                 "\" is configured and no file: name another one with --source");
        return kUsage;
    }
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    std::vector<config::Problem> problems;
    app::Plugins plugins(*settings, environment, store.get(), problems);
    if (!problems.empty()) {
        complain(*settings, problems);
        return kUsage;
    }
    const auto source = plugins.makeSource(*source_settings, problems);
    if (!source) {
        for (const config::Problem& problem : problems) complain(problem.text);
        return kUsage;
    }
    const auto remembered = app::rememberImport(*store, *source_settings);
    if (!remembered) {
        complain(remembered.error());
        return kFailed;
    }
    app::Engine engine(*settings, environment, *store, plugins);
    const Outcome outcome = importAll(environment, *store, engine, *source, options, signal);
    if (common.json)
        printJson(options, source_settings->name, outcome);
    else
        print(options, source_settings->name, outcome);
    const bool ended = outcome.state.condition == intake::SourceCondition::Finished;
    if (!ended) {
        complain(outcome.interrupted ? "interrupted; run it again and it goes on where it was"
                                     : outcome.state.problem);
        if (!engine.stop()) std::_Exit(kFailed);
        return kFailed;
    }
    const int code = outcome.state.stored.dead_letters > 0 ? kPartly : kDone;
    if (!engine.stop()) {
        std::fflush(nullptr);
        std::_Exit(code);
    }
    return code;
}

} // namespace hearback::cli
