#include "http/status.h"

#include "hearback/sdk/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hearback::http {

namespace {

using nlohmann::json;

std::string escape(const std::string& text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

std::string lasting(base::Micros time) {
    const base::Micros seconds = time / base::kSecond;
    if (seconds < 60) return std::to_string(seconds) + " s";
    if (seconds < 3600) return std::to_string(seconds / 60) + " min";
    if (seconds < 2 * 86400) return std::to_string(seconds / 3600) + " h";
    return std::to_string(seconds / 86400) + " days";
}

std::string ago(base::Micros at, base::Micros now) {
    return at == 0 ? "never" : lasting(now - at) + " ago";
}

// How old the newest message of a source is; 0 where there is none.
base::Micros lagOf(const intake::SourceState& run, base::Micros now) {
    return run.newest_at == 0 ? 0 : std::max<base::Micros>(0, now - run.newest_at);
}

class Table {
  public:
    Table(std::string& html, const std::string& title, const std::vector<std::string>& head)
        : html_(html) {
        html_ += "<h2>" + escape(title) + "</h2>\n<table><thead><tr>";
        for (const std::string& cell : head) html_ += "<th>" + escape(cell) + "</th>";
        html_ += "</tr></thead><tbody>\n";
    }
    void row(const std::vector<std::string>& cells, bool bad = false) {
        html_ += bad ? "<tr class=\"bad\">" : "<tr>";
        for (const std::string& cell : cells) html_ += "<td>" + escape(cell) + "</td>";
        html_ += "</tr>\n";
        ++rows_;
    }
    void end(const std::string& empty) {
        html_ += "</tbody></table>\n";
        if (rows_ == 0) html_ += "<p class=\"empty\">" + escape(empty) + "</p>\n";
    }

  private:
    std::string& html_;
    int rows_ = 0;
};

constexpr const char* kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Hearback</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="10">
<style>
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8885; vertical-align: top; }
.bad td { color: #c22; } .empty { opacity: .7; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.5rem; } dd { margin: 0; }
</style></head><body><main>
<h1>Hearback runs</h1>
)";

} // namespace

namespace {

json toJson(const SourceHealth& source, base::Micros now) {
    const intake::SourceState& run = source.run;
    return {{"name", run.source},
            {"plugin", run.plugin},
            {"condition", intake::nameOf(run.condition)},
            {"problem", run.problem},
            {"last_success_at_us", run.last_success_at},
            {"last_message_at_us", run.last_message_at},
            {"newest_at_us", run.newest_at},
            {"lag_us", lagOf(run, now)},
            {"rests_until_us", run.rests_until},
            {"silent", source.is_silent},
            {"silence_us", source.silence},
            {"token_ends_at_us", source.token_ends_at},
            {"inserted", run.stored.inserted},
            {"revised", run.stored.revised},
            {"duplicates", run.stored.duplicates},
            {"dead_letters", run.stored.dead_letters}};
}

// What a person should know of it now; empty where it is well.
std::string worryOf(const SourceHealth& source, base::Micros now) {
    if (!source.run.problem.empty()) {
        const base::Micros rest = source.run.rests_until - now;
        return source.run.problem + (rest > 0 ? " (rests for " + lasting(rest) + ")" : "");
    }
    if (source.is_silent)
        return "silent: it works, and nothing came for " + lasting(source.silence) +
               ", which is not usual";
    return "";
}

void addSources(std::string& html, const Status& status) {
    Table sources(
        html, "Sources",
        {"Name", "Plugin", "State", "New", "Last success", "Last message", "Behind", "Problem"});
    for (const SourceHealth& source : status.sources) {
        const intake::SourceState& run = source.run;
        const std::string worry = worryOf(source, status.now);
        sources.row({run.source, run.plugin, intake::nameOf(run.condition),
                     std::to_string(run.stored.inserted), ago(run.last_success_at, status.now),
                     ago(run.last_message_at, status.now),
                     run.newest_at == 0 ? "" : lasting(lagOf(run, status.now)), worry},
                    !worry.empty());
    }
    sources.end("No source is configured: add a [[source]] to the configuration.");
}

} // namespace

std::string toJson(const Status& status) {
    json sources = json::array();
    for (const auto& source : status.sources) sources.push_back(toJson(source, status.now));
    json classifiers = json::array();
    for (const auto& classifier : status.classifiers)
        classifiers.push_back({{"name", classifier.classifier},
                               {"task", classifier.task},
                               {"messages", classifier.messages},
                               {"late", classifier.late},
                               {"problem", classifier.problem}});
    json sinks = json::array();
    for (const auto& sink : status.sinks)
        sinks.push_back({{"name", sink.sink},
                         {"delivered", sink.delivered},
                         {"failed", sink.failed},
                         {"problem", sink.last_error}});
    return json{{"version", status.version},
                {"started_at_us", status.started_at},
                {"messages", status.messages},
                {"search_behind", status.search_behind},
                {"pending_annotations", status.pending},
                {"hosts", status.hosts},
                {"deliveries_waiting", status.deliveries_waiting},
                {"deliveries_unclear", status.deliveries_unclear},
                {"dead_letters", status.dead_letters},
                {"queue_bytes", status.queue_bytes},
                {"storing", status.commit.failing_since == 0},
                {"sources", sources},
                {"classifiers", classifiers},
                {"sinks", sinks},
                {"rules", status.rules}}
        .dump();
}

std::string toHtml(const Status& status) {
    std::string html = kHead;
    if (status.commit.failing_since != 0)
        html += "<p class=\"bad\">The database cannot be written since " +
                formatRfc3339(status.commit.failing_since) +
                ". Nothing is lost; see the log for the cause.</p>\n";
    const auto fact = [&](const char* name, const std::string& value) {
        html += "<dt>" + std::string(name) + "</dt><dd>" + escape(value) + "</dd>";
    };
    html += "<dl>";
    fact("Version", status.version);
    fact("Started", ago(status.started_at, status.now));
    fact("Messages", std::to_string(status.messages));
    fact("Not yet searchable", std::to_string(status.search_behind));
    fact("Waiting for a classifier", std::to_string(status.pending));
    if (status.hosts > 1) fact("Hosts on these data", std::to_string(status.hosts));
    fact("Deliveries waiting", std::to_string(status.deliveries_waiting));
    if (status.deliveries_unclear > 0)
        fact("Deliveries to look at", std::to_string(status.deliveries_unclear) +
                                          " (hearback deliveries list --state unclear)");
    fact("Dead letters", std::to_string(status.dead_letters));
    fact("Receives at", status.intake_address + "/in/SOURCE");
    html += "</dl>\n";

    addSources(html, status);
    Table classifiers(html, "Classifiers", {"Name", "About", "Messages", "Late", "Problem"});
    for (const auto& classifier : status.classifiers)
        classifiers.row({classifier.classifier, classifier.task,
                         std::to_string(classifier.messages), std::to_string(classifier.late),
                         classifier.problem},
                        !classifier.problem.empty());
    classifiers.end("No classifier is configured.");
    Table sinks(html, "Sinks", {"Name", "Delivered", "Failed", "Last delivery", "Problem"});
    for (const auto& sink : status.sinks)
        sinks.row({sink.sink, std::to_string(sink.delivered), std::to_string(sink.failed),
                   ago(sink.last_delivered_at, status.now), sink.last_error},
                  !sink.last_error.empty());
    sinks.end("No sink is configured.");
    Table rules(html, "Rules", {"Name"});
    for (const auto& rule : status.rules) rules.row({rule});
    rules.end("No rule is configured: every message is kept, none is handed on.");
    return html + "</main></body></html>\n";
}

} // namespace hearback::http
