#include "search/query_text.h"

#include "base/suggest.h"

#include "hearback/sdk/time.hpp"

#include <array>

namespace hearback::search {

namespace {

using base::Code;
using base::Error;

constexpr std::size_t kWordsMax = 64;

struct Term {
    bool excluded = false;
    bool quoted = false;
    std::string filter; // "channel"; empty for a word
    std::string text;
};

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A quoted run keeps its spaces; an opened quote that is not closed ends with the text.
std::string takeText(std::string_view& rest, bool& quoted) {
    std::string text;
    if (!rest.empty() && rest.front() == '"') {
        quoted = true;
        rest.remove_prefix(1);
        while (!rest.empty() && rest.front() != '"') {
            text += rest.front();
            rest.remove_prefix(1);
        }
        if (!rest.empty()) rest.remove_prefix(1);
        return text;
    }
    while (!rest.empty() && !isSpace(rest.front()) && rest.front() != '"') {
        text += rest.front();
        rest.remove_prefix(1);
    }
    return text;
}

std::vector<Term> split(std::string_view rest) {
    std::vector<Term> terms;
    while (!rest.empty()) {
        if (isSpace(rest.front())) {
            rest.remove_prefix(1);
            continue;
        }
        Term term;
        if (rest.front() == '-' && rest.size() > 1 && !isSpace(rest[1])) {
            term.excluded = true;
            rest.remove_prefix(1);
        }
        std::string text = takeText(rest, term.quoted);
        const auto colon = text.find(':');
        if (!term.quoted && colon != std::string::npos && colon > 0) {
            term.filter = text.substr(0, colon);
            text.erase(0, colon + 1);
            if (text.empty()) text = takeText(rest, term.quoted);
        }
        term.text = text;
        terms.push_back(std::move(term));
    }
    return terms;
}

// FTS5 string: quotes doubled; a word also finds its beginnings.
std::string quote(const Term& term) {
    std::string quoted = "\"";
    for (const char c : term.text) {
        if (c == '\0') continue;
        if (c == '"') quoted += '"';
        quoted += c;
    }
    quoted += '"';
    return quoted;
}

base::Result<void> setFilter(Query& query, const Term& term) {
    if (term.excluded)
        return Error{Code::Invalid, "a filter cannot be excluded: -" + term.filter + ":"};
    struct Name {
        std::string_view name;
        std::string Query::*field;
    };
    constexpr std::array<Name, 7> kNames = {{{"source", &Query::source},
                                             {"channel", &Query::channel},
                                             {"language", &Query::language},
                                             {"lang", &Query::language},
                                             {"sentiment", &Query::sentiment},
                                             {"topic", &Query::topic},
                                             {"team", &Query::team}}};
    for (const Name& name : kNames) {
        if (name.name != term.filter) continue;
        query.*name.field = term.text;
        return {};
    }
    if (term.filter == "since" || term.filter == "until") {
        const auto at = parseTime(term.text);
        if (!at)
            return Error{Code::Invalid, term.filter + ": is no date: " + term.text +
                                            " (write 2026-02-16 or 2026-02-16T12:00)"};
        (term.filter == "since" ? query.since : query.until) = *at;
        return {};
    }
    if (term.filter == "is" && (term.text == "spam" || term.text == "ham")) {
        query.spam = term.text == "spam" ? 1 : 0;
        return {};
    }
    static const std::vector<std::string> kKnown = {"source", "channel", "language", "sentiment",
                                                    "topic",  "team",    "since",    "until"};
    std::string known;
    for (const std::string& name : kKnown) known += name + ":, ";
    return Error{Code::Invalid, "there is no filter " + term.filter + ":" +
                                    base::suggest(term.filter, kKnown) + "; there are " + known +
                                    "is:spam and is:ham; put a word in quotes to look for it"};
}

} // namespace

base::Result<Query> parseQuery(std::string_view text) {
    Query query;
    std::string wanted;
    std::string excluded;
    std::size_t words = 0;
    for (const Term& term : split(text)) {
        if (!term.filter.empty()) {
            const auto set = setFilter(query, term);
            if (!set) return set.error();
            continue;
        }
        if (term.text.empty()) continue;
        if (++words > kWordsMax)
            return Error{Code::Invalid, "more than " + std::to_string(kWordsMax) + " words"};
        std::string& into = term.excluded ? excluded : wanted;
        if (!into.empty()) into += term.excluded ? " OR " : " AND ";
        into += quote(term);
    }
    if (wanted.empty() && !excluded.empty())
        return Error{Code::Invalid, "name at least one word to look for beside those to leave out"};
    query.match = excluded.empty() ? wanted : "(" + wanted + ") NOT (" + excluded + ")";
    return query;
}

} // namespace hearback::search
