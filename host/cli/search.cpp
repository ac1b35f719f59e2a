#include "search/search.h"

#include "cli/commands.h"
#include "cli/message_text.h"
#include "cli/session.h"
#include "cli/terminal.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

namespace hearback::cli {

namespace {

// The marks of a snippet (\x02 before, \x03 behind a word) as bold text, or as nothing.
std::string marked(const std::string& snippet, std::size_t width) {
    std::string plain;
    for (const char c : snippet)
        if (c != '\x02' && c != '\x03') plain += c;
    if (!hasColours()) return fitTo(plain, width);
    // Cut first, then mark: the marks take no columns.
    const std::string fitted = fitTo(plain, width);
    std::string out;
    std::size_t at = 0;
    for (const char c : snippet) {
        if (c == '\x02') {
            out += "\x1b[1;33m";
        } else if (c == '\x03') {
            out += "\x1b[0m";
        } else {
            if (at >= fitted.size()) break;
            out += fitted[at++];
        }
    }
    return out + fitted.substr(at) + "\x1b[0m";
}

void print(const search::Hits& hits) {
    if (hits.hits.empty()) {
        std::printf("nothing found\n");
        return;
    }
    const std::size_t width = terminalWidth();
    for (const search::Hit& hit : hits.hits) {
        const std::string sentiment = labelOf(hit.annotations, "sentiment");
        const std::string topic = labelOf(hit.annotations, "topic");
        std::string head = std::to_string(hit.id);
        head += std::string(head.size() < 7 ? 7 - head.size() : 0, ' ');
        head += " " + shortTime(hit.message.occurred_at_us()) + "  " + hit.message.channel();
        if (!hit.message.language().empty()) head += "  " + hit.message.language();
        std::printf("%s", styled(Style::Dim, head).c_str());
        if (!sentiment.empty()) std::printf("  %s", styledSentiment(sentiment, sentiment).c_str());
        if (!topic.empty()) std::printf("  %s", styled(Style::Cyan, topic).c_str());
        std::printf("\n        %s\n", marked(hit.snippet, width > 20 ? width - 9 : 20).c_str());
    }
    const std::string total = grouped(hits.total) + (hits.counted_all ? "" : " or more");
    std::printf("%s of %s\n", grouped(static_cast<std::int64_t>(hits.hits.size())).c_str(),
                total.c_str());
}

void printJson(const search::Hits& hits) {
    auto list = nlohmann::json::array();
    for (const search::Hit& hit : hits.hits)
        list.push_back({{"id", hit.id},
                        {"message", toJson(hit.message)},
                        {"annotations", toJson(hit.annotations)["annotations"]}});
    std::printf(
        "%s\n",
        nlohmann::json{{"total", hits.total}, {"counted_all", hits.counted_all}, {"hits", list}}
            .dump(2)
            .c_str());
}

} // namespace

int runSearch(const CommonOptions& common, const SearchOptions& options) {
    const auto settings = loadSettings(common);
    if (!settings) return kUsage;
    configureQuietLog(*settings);
    std::string text;
    for (const std::string& word : options.words) {
        // What the shell took the quotes off is a phrase again.
        const bool phrase = word.find(' ') != std::string::npos &&
                            word.find('"') == std::string::npos && options.words.size() > 1;
        text += (text.empty() ? "" : " ") + (phrase ? "\"" + word + "\"" : word);
    }
    const auto query = search::parseQuery(text);
    if (!query) {
        complain(query.error());
        return kUsage;
    }
    app::Environment environment;
    const auto store = openStore(*settings, environment);
    if (!store) return kFailed;
    search::Page page;
    page.limit = options.limit;
    page.before = options.before;
    const auto hits = search::search(store->search(), store->dictionary(), *query, page);
    if (!hits) {
        complain(hits.error());
        return kFailed;
    }
    if (common.json)
        printJson(*hits);
    else
        print(*hits);
    const auto behind = store->search().behind();
    if (behind && *behind > 0 && !common.json)
        complain(grouped(*behind) + " messages are not indexed yet");
    return kDone;
}

} // namespace hearback::cli
