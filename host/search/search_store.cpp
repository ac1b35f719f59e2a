#include "search/search.h"
#include "storage/sql.h"

namespace hearback::search {

namespace {

using soci::into;
using soci::use;

// The values that a query is bound to; -1 is an id that no row has.
struct Bound {
    std::string match;
    long long source = 0, channel = 0, language = 0, sentiment = 0, topic = 0, team = 0;
    long long spam = 0, since = 0, until = 0, before = 0, limit = 0;
};

// Only the conditions that are asked for, so that the planner sees what can be narrowed.
std::string condition(const Query& query, const Page& page) {
    std::string text = query.match.empty() ? "FROM message m WHERE m.deleted_at = 0"
                                           : "FROM search.words JOIN message m ON m.id = "
                                             "words.rowid WHERE words MATCH :match";
    const auto add = [&](bool wanted, const char* clause) {
        if (wanted) text += std::string(" AND ") + clause;
    };
    add(!query.source.empty(), "m.source_id = :source");
    add(!query.channel.empty(), "m.channel_id = :channel");
    add(!query.language.empty(), "m.language_id = :language");
    add(!query.sentiment.empty(), "m.sentiment_id = :sentiment");
    add(!query.topic.empty(), "m.topic_id = :topic");
    add(!query.team.empty(), "m.team_id = :team");
    add(query.spam >= 0, "m.spam = :spam");
    add(query.since != 0, "m.occurred_at >= :since");
    add(query.until != 0, "m.occurred_at < :until");
    add(page.before != 0, query.match.empty() ? "m.id < :before" : "words.rowid < :before");
    return text;
}

// SOCI binds by name, and refuses a name that the text does not have.
void bindValues(soci::statement& statement, const std::string& text, const Bound& bound) {
    const auto has = [&](const char* name) { return text.find(name) != std::string::npos; };
    if (has(":match")) statement.exchange(use(bound.match, "match"));
    if (has(":source")) statement.exchange(use(bound.source, "source"));
    if (has(":channel")) statement.exchange(use(bound.channel, "channel"));
    if (has(":language")) statement.exchange(use(bound.language, "language"));
    if (has(":sentiment")) statement.exchange(use(bound.sentiment, "sentiment"));
    if (has(":topic")) statement.exchange(use(bound.topic, "topic"));
    if (has(":team")) statement.exchange(use(bound.team, "team"));
    if (has(":spam")) statement.exchange(use(bound.spam, "spam"));
    if (has(":since")) statement.exchange(use(bound.since, "since"));
    if (has(":until")) statement.exchange(use(bound.until, "until"));
    if (has(":before")) statement.exchange(use(bound.before, "before"));
    if (has(":limit")) statement.exchange(use(bound.limit, "limit"));
}

Bound boundTo(storage::Session& session, storage::Dictionary& dictionary, const Query& query,
              const Page& page) {
    using storage::Term;
    const auto idOf = [&](Term term, const std::string& word) -> long long {
        return dictionary.find(session, term, word).value_or(-1);
    };
    Bound bound;
    bound.match = query.match;
    bound.source = idOf(Term::Source, query.source);
    bound.channel = idOf(Term::Channel, query.channel);
    bound.language = idOf(Term::Language, query.language);
    bound.sentiment = idOf(Term::Sentiment, query.sentiment);
    bound.topic = idOf(Term::Topic, query.topic);
    bound.team = idOf(Term::Team, query.team);
    bound.spam = query.spam;
    bound.since = query.since;
    bound.until = query.until;
    bound.before = page.before;
    bound.limit = page.limit;
    return bound;
}

std::vector<Hit> selectHits(storage::Session& session, const std::string& from, const Bound& bound,
                            bool by_words) {
    long long id = 0;
    std::string body;
    std::string annotations;
    const std::string text = "SELECT m.id, m.body, m.annotations " + from + " ORDER BY " +
                             (by_words ? "words.rowid" : "m.id") + " DESC LIMIT :limit";
    soci::statement select(session.sql());
    select.exchange(into(id));
    select.exchange(into(body));
    select.exchange(into(annotations));
    bindValues(select, text, bound);
    select.alloc();
    select.prepare(text);
    select.define_and_bind();
    select.execute();
    std::vector<Hit> hits;
    while (select.fetch()) {
        Hit& hit = hits.emplace_back();
        hit.id = id;
        if (!hit.message.ParseFromString(body) || !hit.annotations.ParseFromString(annotations))
            throw storage::StorageFailure(
                {base::Code::Corrupt, "message " + std::to_string(id) + " cannot be read"});
    }
    return hits;
}

std::int64_t countHits(storage::Session& session, const std::string& from, Bound bound,
                       std::int64_t up_to) {
    bound.limit = up_to + 1;
    long long count = 0;
    const std::string text = "SELECT count(*) FROM (SELECT 1 " + from + " LIMIT :limit) AS found";
    soci::statement select(session.sql());
    select.exchange(into(count));
    bindValues(select, text, bound);
    select.alloc();
    select.prepare(text);
    select.define_and_bind();
    select.execute(true);
    return count;
}

// The index keeps no texts, so the few that are shown are indexed once more, in memory, to have
// the words marked exactly as they were found.
void markWords(storage::Session& session, const std::string& match, std::vector<Hit>& hits) {
    soci::session& sql = session.sql();
    sql << "CREATE VIRTUAL TABLE IF NOT EXISTS temp.shown USING fts5 (subject, text, author, "
           "tokenize='porter unicode61 remove_diacritics 2')";
    sql << "DELETE FROM temp.shown";
    for (const Hit& hit : hits) {
        const long long id = hit.id;
        const std::string author =
            hit.message.author().display_name() + " " + hit.message.author().handle();
        sql << "INSERT INTO temp.shown (rowid, subject, text, author) VALUES (:a, :b, :c, :d)",
            use(id), use(hit.message.subject()), use(hit.message.text()), use(author);
    }
    for (Hit& hit : hits) {
        const long long id = hit.id;
        sql << "SELECT snippet(shown, 1, char(2), char(3), '…', 24) FROM temp.shown "
               "WHERE shown MATCH :match AND rowid = :id",
            into(hit.snippet), use(match), use(id);
        if (!sql.got_data()) hit.snippet = hit.message.text();
    }
}

} // namespace

base::Result<Hits> search(storage::Database& main, storage::Dictionary& dictionary,
                          const Query& query, const Page& page) {
    return main.query<Hits>("search", [&](storage::Session& session) {
        const Bound bound = boundTo(session, dictionary, query, page);
        Hits found;
        const std::string from = condition(query, page);
        found.hits = selectHits(session, from, bound, !query.match.empty());
        Page whole = page;
        whole.before = 0;
        found.total = countHits(session, condition(query, whole), bound, page.count_up_to);
        found.counted_all = found.total <= page.count_up_to;
        found.total = std::min(found.total, page.count_up_to);
        if (query.match.empty()) {
            for (Hit& hit : found.hits) hit.snippet = hit.message.text();
        } else {
            markWords(session, query.match, found.hits);
        }
        return found;
    });
}

} // namespace hearback::search
