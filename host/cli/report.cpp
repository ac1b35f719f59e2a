#include "trends/report.h"

#include "cli/commands.h"
#include "cli/moment.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include "hearback/sdk/time.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <sstream>

namespace hearback::cli {

namespace {

using trends::ReportRow;

bool readDimensions(const std::string& text, std::vector<trends::Dimension>& into) {
    into.clear();
    std::istringstream names(text);
    for (std::string name; std::getline(names, name, ',');) {
        const auto dimension = trends::dimensionOf(name);
        if (!dimension) {
            std::string known;
            for (const std::string_view each : trends::kDimensionNames)
                known += (known.empty() ? "" : ", ") + std::string(each);
            complain("--by: there is no \"" + name + "\"; choose one or two of " + known);
            return false;
        }
        into.push_back(*dimension);
    }
    if (into.size() == 1 || into.size() == 2) return true;
    complain("--by takes one or two names, such as channel,day");
    return false;
}

// Net sentiment: the share of positive messages less that of negative ones; -1 to 1.
double netSentiment(const ReportRow& row) {
    const std::int64_t told = row.positive + row.neutral + row.negative;
    return told == 0 ? 0 : double(row.positive - row.negative) / double(told);
}

// A bar of three colours: how many speak well, plainly, ill.
std::string sentimentBar(const ReportRow& row, std::size_t width) {
    const std::int64_t told = row.positive + row.neutral + row.negative;
    if (told == 0) return "";
    const auto part = [&](std::int64_t count) {
        return static_cast<std::size_t>(std::lround(double(count) * double(width) / double(told)));
    };
    std::size_t good = part(row.positive);
    std::size_t bad = part(row.negative);
    while (good + bad > width) (good > bad ? good : bad) -= 1;
    const auto run = [](const char* block, std::size_t count) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i) out += block;
        return out;
    };
    return styled(Style::Green, run("█", good)) + styled(Style::Dim, run("▒", width - good - bad)) +
           styled(Style::Red, run("▓", bad));
}

std::string topicText(const ReportRow& row) {
    if (row.top_topic.empty()) return "";
    return row.top_topic + " " +
           std::to_string(row.top_topic_messages * 100 / std::max<std::int64_t>(1, row.messages)) +
           " %";
}

std::string ratingText(const ReportRow& row) {
    if (row.rated == 0) return "";
    char text[32];
    std::snprintf(text, sizeof text, "%.0f %%", row.rating * 100);
    return text;
}

void printTable(const trends::Report& report, const trends::ReportQuestion& question) {
    if (report.rows.empty()) {
        std::printf("no messages in this time\n");
        return;
    }
    std::vector<std::string> head;
    for (const trends::Dimension dimension : question.by)
        head.emplace_back(trends::kDimensionNames[static_cast<std::size_t>(dimension)]);
    for (const char* name : {"messages", "", "sentiment", "net", "main topic", "rating", "spam"})
        head.emplace_back(name);
    Table table(head);
    const std::size_t keys = question.by.size();
    for (const std::size_t right : {keys, keys + 3, keys + 5, keys + 6}) table.alignRight(right);
    std::int64_t most = 1;
    for (const ReportRow& row : report.rows) most = std::max(most, row.messages);
    std::string last;
    const auto add = [&](const ReportRow& row, std::vector<std::string> cells, bool total) {
        char net[16];
        std::snprintf(net, sizeof net, "%+.0f", netSentiment(row) * 100);
        cells.push_back(grouped(row.messages));
        cells.push_back(total ? "" : bar(double(row.messages) / double(most), 20));
        cells.push_back(sentimentBar(row, 12));
        cells.push_back(row.positive + row.neutral + row.negative == 0 ? "" : net);
        cells.push_back(topicText(row));
        cells.push_back(ratingText(row));
        cells.push_back(row.spam == 0 ? "" : grouped(row.spam));
        table.add(std::move(cells));
    };
    for (const ReportRow& row : report.rows) {
        std::vector<std::string> cells;
        for (const std::string& key : row.keys)
            cells.push_back(key.empty() ? "(none)" : fitTo(key, 32));
        // A key that repeats is written once.
        if (cells.size() == 2 && row.keys.front() == last) cells.front().clear();
        last = row.keys.front();
        add(row, std::move(cells), false);
    }
    std::vector<std::string> total(keys);
    total.front() = "all";
    add(report.total, std::move(total), true);
    std::printf("%s", table.text().c_str());
    std::printf("%s\n",
                styled(Style::Dim, "sentiment: █ positive ▒ neutral ▓ negative; net is positive "
                                   "less negative, in per cent; days are UTC")
                    .c_str());
}

nlohmann::json rowJson(const ReportRow& row) {
    nlohmann::json json = {{"messages", row.messages}, {"spam", row.spam},
                           {"positive", row.positive}, {"neutral", row.neutral},
                           {"negative", row.negative}, {"rated", row.rated}};
    json["rating"] = row.rated > 0 ? nlohmann::json(row.rating) : nlohmann::json();
    json["top_topic"] = row.top_topic.empty() ? nlohmann::json() : nlohmann::json(row.top_topic);
    json["top_topic_messages"] = row.top_topic_messages;
    return json;
}

void printJson(const trends::Report& report, const trends::ReportQuestion& question) {
    auto rows = nlohmann::json::array();
    for (const ReportRow& row : report.rows) {
        nlohmann::json json = rowJson(row);
        for (std::size_t i = 0; i < question.by.size(); ++i)
            json[std::string(trends::kDimensionNames[static_cast<std::size_t>(question.by[i])])] =
                row.keys[i];
        rows.push_back(std::move(json));
    }
    std::printf("%s\n",
                nlohmann::json{{"rows", rows}, {"total", rowJson(report.total)}}.dump(2).c_str());
}

// RFC 4180; a cell that a spreadsheet would run as a formula begins with a quote.
std::string csvCell(const std::string& text) {
    std::string cell = text;
    if (!cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos)
        cell.insert(0, "'");
    if (cell.find_first_of("\",\n\r") == std::string::npos) return cell;
    std::string quoted = "\"";
    for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
    return quoted + "\"";
}

void printCsv(const trends::Report& report, const trends::ReportQuestion& question) {
    for (const trends::Dimension dimension : question.by)
        std::printf(
            "%s,",
            std::string(trends::kDimensionNames[static_cast<std::size_t>(dimension)]).c_str());
    std::printf("messages,spam,positive,neutral,negative,rated,rating,top_topic\r\n");
    for (const ReportRow& row : report.rows) {
        for (const std::string& key : row.keys) std::printf("%s,", csvCell(key).c_str());
        std::printf("%lld,%lld,%lld,%lld,%lld,%lld,", static_cast<long long>(row.messages),
                    static_cast<long long>(row.spam), static_cast<long long>(row.positive),
                    static_cast<long long>(row.neutral), static_cast<long long>(row.negative),
                    static_cast<long long>(row.rated));
        if (row.rated > 0) std::printf("%.3f", row.rating);
        std::printf(",%s\r\n", csvCell(row.top_topic).c_str());
    }
}

} // namespace

int runReport(const CommonOptions& common, const ReportOptions& options) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    app::Environment environment;
    trends::ReportQuestion question;
    question.source = options.source;
    question.channel = options.channel;
    const base::Micros now = environment.clock.now();
    if (!readMoment("--since", options.since, now, question.since) ||
        !readMoment("--until", options.until, now, question.until) ||
        !readDimensions(options.by, question.by))
        return kUsage;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    const auto report = trends::makeReport(store->database(), store->dictionary(), question);
    if (!report) {
        complain(report.error());
        return kFailed;
    }
    if (common.json || options.format == "json")
        printJson(*report, question);
    else if (options.format == "csv")
        printCsv(*report, question);
    else
        printTable(*report, question);
    return kDone;
}

} // namespace hearback::cli
