#include "cli/command_line.h"

#include "app/version.h"
#include "cli/command_tree.h"
#include "cli/command_words.h"
#include "cli/exit_codes.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <functional>

namespace hearback::cli {

namespace {

void addData(CLI::App& root, Words& w) {
    CLI::App* import = add(root, w, "import", "Read a file of feedback (CSV or NDJSON)",
                           [&w] { return runImport(w.common, w.import); });
    import->add_option("FILE", w.import.file, "The file")->required()->check(CLI::ExistingFile);
    import->add_option("--source", w.import.source,
                       "Name under which it is kept; the file's own otherwise. The same name and "
                       "id mean the same message");
    import->add_option("--format", w.import.format, "How it is written")
        ->check(CLI::IsMember({"auto", "csv", "ndjson"}));
    import->add_option("--encoding", w.import.encoding, "Its letters")
        ->check(CLI::IsMember({"auto", "utf-8", "latin-1"}));
    import->add_option("--column", w.import.columns,
                       "FIELD=COLUMN, such as text=comment; may be given often. Columns with usual "
                       "names are found by themselves");
    import->add_option("--channel", w.import.channel, "Channel of rows that name none");
    import->add_flag("--no-deliver", w.import.no_deliver, "Leave deliveries to hearback serve");

    CLI::App* search = add(root, w, "search", "Find messages by words and filters",
                           [&w] { return runSearch(w.common, w.search); });
    search->add_option("WORDS", w.search.words,
                       "Words, \"phrases\", -exclusions; channel: language: sentiment: topic: "
                       "team: source: since: until: is:spam");
    search->add_option("--limit", w.search.limit, "How many")->check(CLI::Range(1, 1000));
    search->add_option("--before", w.search.before,
                       "Only messages with a smaller id: the next page");

    CLI::App* show = add(root, w, "show", "Show one message with all that is known about it",
                         [&w] { return runShow(w.common, w.id); });
    show->add_option("ID", w.id, "Its number, as search shows it")->required();

    CLI::App* report = add(root, w, "report", "Count what people talk about",
                           [&w] { return runReport(w.common, w.report); });
    report->add_option("--since", w.report.since, "2026-02-16, 2026-02-16T12:00, 7d, 12h, today");
    report->add_option("--until", w.report.until, "Up to, but not including");
    report->add_option("--by", w.report.by,
                       "One or two of day, hour, source, channel, language, topic, sentiment");
    report->add_option("--format", w.report.format, "How it is written")
        ->check(CLI::IsMember({"table", "json", "csv"}));
    report->add_option("--source", w.report.source, "Only this source");
    report->add_option("--channel", w.report.channel, "Only this channel");
}

void addLetters(CLI::App& root, Words& w) {
    CLI::App* letters = add(root, w, "dead-letters", "What could not be processed", {});
    letters->require_subcommand(1);
    CLI::App* list = add(*letters, w, "list", "List them, newest first",
                         [&w] { return runLettersList(w.common, w.letters); });
    list->add_option("--source", w.letters.source, "Only of this source or sink");
    list->add_option("--limit", w.letters.limit, "How many")->check(CLI::Range(1, 100000));
    list->add_flag("--all", w.letters.all, "Also those that were replayed");
    CLI::App* show = add(*letters, w, "show", "Show one, with what it holds",
                         [&w] { return runLettersShow(w.common, w.id); });
    show->add_option("ID", w.id, "Its number")->required();
    CLI::App* replay = add(*letters, w, "replay", "Process them once more, after a mend",
                           [&w] { return runLettersReplay(w.common, w.letters); });
    replay->add_option("ID", w.letters.ids, "Their numbers");
    replay->add_option("--source", w.letters.source, "All of this source or sink");
    replay->add_flag("--all", w.letters.all, "All that wait");
}

void addDeliveryFilter(CLI::App& app, Words& w) {
    app.add_option("--sink", w.deliveries.sink, "Only to this sink, or by this source");
    app.add_option("--message", w.deliveries.message, "Only of this message");
    app.add_option("--since", w.deliveries.since, "Only written since: 2026-02-16, 7d, 12h, today");
    app.add_option("--until", w.deliveries.until, "Only written before");
}

void addDeliveryStates(CLI::App& app, Words& w, const char* help) {
    app.add_option("--state", w.deliveries.states, help)
        ->check(CLI::IsMember({"waiting", "delivered", "dead", "unclear", "cancelled"}));
}

void addDeliveries(CLI::App& root, Words& w) {
    CLI::App* deliveries =
        add(root, w, "deliveries", "What left for sinks and channels, and what waits", {});
    deliveries->require_subcommand(1);
    CLI::App* list = add(*deliveries, w, "list", "List them, newest first",
                         [&w] { return runDeliveriesList(w.common, w.deliveries); });
    addDeliveryFilter(*list, w);
    addDeliveryStates(*list, w, "Only in this state");
    list->add_option("--limit", w.deliveries.limit, "How many")->check(CLI::Range(1, 100000));
    CLI::App* show =
        add(*deliveries, w, "show", "Show one", [&w] { return runDeliveriesShow(w.common, w.id); });
    show->add_option("ID", w.id, "Its number")->required();
    CLI::App* retry = add(*deliveries, w, "retry", "Send them once more",
                          [&w] { return runDeliveriesRetry(w.common, w.deliveries); });
    retry->add_option("ID", w.deliveries.ids, "Their numbers");
    addDeliveryFilter(*retry, w);
    addDeliveryStates(*retry, w, "Only in this state; without numbers: dead");
    retry->add_flag("--all", w.deliveries.all, "All of them");
    CLI::App* cancel = add(*deliveries, w, "cancel", "Take back what waits",
                           [&w] { return runDeliveriesCancel(w.common, w.deliveries); });
    cancel->add_option("ID", w.deliveries.ids, "Their numbers");
    addDeliveryFilter(*cancel, w);
    cancel->add_flag("--all", w.deliveries.all, "All that wait");
    CLI::App* hold = add(*deliveries, w, "hold", "Let deliveries to a sink or source wait",
                         [&w] { return runDeliveriesHold(w.common, w.plugin, true); });
    hold->add_option("NAME", w.plugin, "Its name")->required();
    CLI::App* resume = add(*deliveries, w, "resume", "Send them again",
                           [&w] { return runDeliveriesHold(w.common, w.plugin, false); });
    resume->add_option("NAME", w.plugin, "Its name")->required();

    CLI::App* sample =
        add(*deliveries, w, "sample", "Send a made-up message to a sink and show what was said",
            [&w] { return runDeliveriesSample(w.common, w.plugin); });
    sample->add_option("SINK", w.plugin, "Its name")->required();

    CLI::App* act =
        add(root, w, "act", "Reply to a message, hide it, delete it, ... on its channel",
            [&w] { return runAct(w.common, w.act); });
    act->add_option("ID", w.act.message, "The message, as search shows it")->required();
    act->add_option("KIND", w.act.kind, "What to do")
        ->required()
        ->check(CLI::IsMember({"reply", "private-reply", "hide", "unhide", "delete", "like",
                               "unlike", "mark-read", "tag", "block-author"}));
    act->add_option("--text", w.act.text, "What to write, for replies");
    act->add_option("--tag", w.act.tag, "The tag");
    act->add_option("--as", w.act.actor, "Who decided it; $USER otherwise");
    act->add_option("--undo", w.act.undo, "How long it can be taken back: 20s, 5m, 0s");
    act->add_option("--within", w.act.within, "Not at all if not within: 30m, 2h, 1d");
}

void addModels(CLI::App& root, Words& w) {
    CLI::App* train = add(root, w, "train", "Make a model from labelled texts",
                          [&w] { return runTrain(w.common, w.train); });
    train->add_option("--in", w.train.in, "Tab-separated files with the columns label and text")
        ->required()
        ->check(CLI::ExistingFile);
    train->add_option("--out", w.train.out, "The model's file")->required();
    train->add_option("--task", w.train.task, "What it is about: sentiment, topic, spam, ...")
        ->required();
    train->add_option("--name", w.train.name, "Its name in versions; the task otherwise");
    train->add_option("--licence", w.train.licence, "Licence of the texts, for the model's card");
    train->add_option("--bits", w.train.bits, "Width of the table")->check(CLI::Range(10, 24));
    train->add_option("--cost", w.train.cost, "How closely the samples are followed")
        ->check(CLI::Range(0.001, 1000.0));
    train->add_option("--seed", w.train.seed, "The same seed gives the same model")
        ->check(CLI::Range(0, 2147483647));
    train->add_option("--hold-out", w.train.hold_out, "Share of the samples to measure on; 0: none")
        ->check(CLI::Range(0.0, 0.5));
    CLI::App* evaluate = add(root, w, "evaluate", "Measure a model on labelled texts",
                             [&w] { return runEvaluate(w.common, w.evaluate); });
    evaluate->add_option("--model", w.evaluate.model, "The model's file")
        ->required()
        ->check(CLI::ExistingFile);
    evaluate->add_option("--in", w.evaluate.in, "A tab-separated file with label and text")
        ->required()
        ->check(CLI::ExistingFile);
    CLI::App* classify = add(root, w, "classify", "Have a classifier label the texts of a file",
                             [&w] { return runClassify(w.common, w.classify); });
    classify
        ->add_option("--plugin", w.classify.plugin,
                     "A classifier of the configuration, or a plugin with its defaults")
        ->required();
    classify
        ->add_option("--in", w.classify.in,
                     "A tab-separated file whose first line names the columns: text, and id and "
                     "language where there are any")
        ->required()
        ->check(CLI::ExistingFile);
    classify
        ->add_option("--out", w.classify.out,
                     "Where id, label, confidence and model are written, tab-separated; -: here")
        ->required();
}

void addKeeping(CLI::App& root, Words& w) {
    CLI::App* backup = add(root, w, "backup", "Write all data into one file, while serve runs too",
                           [&w] { return runBackup(w.common, w.file); });
    backup->add_option("FILE", w.file, "A new file")->required();
    CLI::App* restore = add(root, w, "restore", "Bring a backup back, where no data is",
                            [&w] { return runRestore(w.common, w.file); });
    restore->add_option("FILE", w.file, "What backup wrote")->required();
    CLI::App* db = add(root, w, "db", "The database", {});
    db->require_subcommand(1);
    CLI::App* copy = add(*db, w, "copy", "Copy all data into an empty database, of either engine",
                         [&w] { return runDbCopy(w.common, w.db_copy); });
    copy->add_option("--to", w.db_copy.to, "postgresql://user@host:port/database, or a SQLite file")
        ->required();
    copy->add_option("--from", w.db_copy.from, "The same; what the configuration says otherwise");
}

void addSelection(CLI::App& app, SelectionOptions& into) {
    app.add_option("--since", into.since, "Only written since: 2026-02-16, 7d, 12h, today");
    app.add_option("--until", into.until, "Only written before");
    app.add_option("--source", into.source, "Only of this source");
}

void addHistory(CLI::App& root, Words& w) {
    CLI::App* again = add(root, w, "reclassify", "Ask classifiers again about stored messages",
                          [&w] { return runReclassify(w.common, w.reclassify); });
    again->add_option("--classifier", w.reclassify.classifiers, "Only this one; may be given often")
        ->allow_extra_args(false);
    again->add_option("--task", w.reclassify.tasks, "Only those of this task; may be given often")
        ->allow_extra_args(false);
    addSelection(*again, w.reclassify);
    again->add_option("--rate", w.reclassify.rate, "Messages a second at most; 0: no limit")
        ->check(CLI::Range(0, 1000000));
    again->add_flag("--all", w.reclassify.all, "Also what the present version has labelled");
    again->add_flag("--shadow", w.reclassify.shadow, "Change nothing; show what would differ");
    again->add_flag("--restart", w.reclassify.restart, "Forget how far an interrupted one came");
    CLI::App* record = add(root, w, "record", "Write decisions about messages into an event log",
                           [&w] { return runRecord(w.common, w.record); });
    record->add_option("FILE", w.record.file, "The log; must not be there yet")->required();
    addSelection(*record, w.record);
    CLI::App* replay = add(root, w, "replay", "Decide an event log again, and compare",
                           [&w] { return runReplay(w.common, w.replay); });
    replay->add_option("LOG", w.replay.log, "What hearback record wrote")->required();
    replay->add_option("--out", w.replay.out, "Write what is decided now into this event log");
}

void addProgram(CLI::App& root, Words& w) {
    add(root, w, "version", "Say which version this is", [&w] { return runVersion(w.common); });
    CLI::App* completion =
        add(root, w, "completion", "Write a completion script for a shell", [&w, &root] {
            std::printf("%s", completionScript(treeOf(root), w.shell).c_str());
            return static_cast<int>(kDone);
        });
    completion->add_option("SHELL", w.shell, "bash, zsh or fish")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh", "fish"}));
    add(root, w, "man", "Write the manual page", [&root] {
        std::printf("%s", manualPage(treeOf(root), app::kVersion).c_str());
        return static_cast<int>(kDone);
    });
}

} // namespace

CLI::App* add(CLI::App& parent, Words& words, const char* name, const char* help,
              const std::function<int()>& command) {
    CLI::App* app = parent.add_subcommand(name, help);
    app->fallthrough(); // --config and --json may stand anywhere
    if (command) app->callback([&words, command] { words.command = command; });
    return app;
}

int run(int count, const char* const* words) {
    Words w;
    CLI::App root("customer feedback, heard and answered", "hearback");
    root.require_subcommand(1);
    root.add_option("-c,--config", w.common.config,
                    "The configuration; $HEARBACK_CONFIG or hearback.toml otherwise");
    root.add_flag("--json", w.common.json, "Write JSON for a program to read");
    root.footer(
        "Exit status: 0 done, 1 failed, 2 wrong words or configuration, 3 done but not\n"
        "for all of it, 4 not found, 5 something differs. `hearback COMMAND --help` says more.");
    CLI::App* serve =
        add(root, w, "serve", "Run: read sources, receive webhooks, store, route, deliver",
            [&w] { return runServe(w.common, w.serve); });
    serve->add_flag("--safe-mode", w.serve.safe_mode,
                    "Without the plugins that are not part of this build");
    serve
        ->add_option("--stop-within", w.serve.stop_within_s,
                     "Seconds that a stop may take; what is not done then is left")
        ->check(CLI::Range(1, 3600));
    CLI::App* check = add(root, w, "check", "Check the configuration, all mistakes at once",
                          [&w] { return runCheck(w.common, w.check); });
    check->add_flag("--connect", w.check.connect, "Also ask each plugin whether it can work");
    add(root, w, "doctor", "Say what is wrong or soon will be, and what to do",
        [&w] { return runDoctor(w.common); });
    add(root, w, "reload", "Let the running server read its configuration again",
        [&w] { return runReload(w.common); });
    addData(root, w);
    CLI::App* route = add(root, w, "route", "The rules", {});
    route->require_subcommand(1);
    CLI::App* explain =
        add(*route, w, "explain", "Say which rules match a message, and why the others do not",
            [&w] { return runRouteExplain(w.common, w.id); });
    explain->add_option("ID", w.id, "Its number, as search shows it")->required();
    addLetters(root, w);
    addDeliveries(root, w);
    addPlugins(root, w);
    addModels(root, w);
    addKeeping(root, w);
    addHistory(root, w);
    addProgram(root, w);
    try {
        root.parse(count, words);
    } catch (const CLI::ParseError& error) {
        return root.exit(error) == 0 ? kDone : kUsage;
    }
    return w.command ? w.command() : static_cast<int>(kUsage);
}

} // namespace hearback::cli
