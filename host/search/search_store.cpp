#include "search/search.h"
#include "storage/sql.h"

#include <algorithm>
#include <limits>

namespace hearback::search {

namespace {

using soci::into;
using soci::use;

// The values that a query is bound to; -1 is an id that no row has.
struct Bound {
    long long source = 0, channel = 0, language = 0, sentiment = 0, topic = 0, team = 0;
    long long spam = 0, since = 0, until = 0, before = 0, limit = 0;
};

// Only the conditions that are asked for, so that the planner sees what can be narrowed.
std::string filters(const Query& query) {
    std::string text;
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
    return text;
}

std::string withoutWords(const Query& query, long long before) {
    return "FROM message m WHERE m.deleted_at = 0" + filters(query) +
           (before != 0 ? " AND m.id < :before" : "");
}

// Ids of messages, newest first, as they stand in a statement: there is no way to bind a list that
// both engines know.
struct Ids {
    long long count = 0;
    long long last = 0;
    std::string list; // "9,7,3"
};

std::string among(const Ids& ids, const Query& query) {
    return "FROM message m WHERE m.id IN (" + ids.list + ")" + filters(query);
}

// SOCI binds by name, and refuses a name that the text does not have.
void bindValues(soci::statement& statement, const std::string& text, const Bound& bound) {
    const auto has = [&](const char* name) { return text.find(name) != std::string::npos; };
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

std::vector<Hit> selectHits(storage::Session& session, const std::string& from,
                            const Bound& bound) {
    long long id = 0;
    std::string body;
    std::string annotations;
    const std::string text =
        "SELECT m.id, m.body, m.annotations " + from + " ORDER BY m.id DESC LIMIT :limit";
    soci::statement select(session.sql());
    select.exchange(into(id));
    select.exchange(storage::intoBytes(session.sql(), body));
    select.exchange(storage::intoBytes(session.sql(), annotations));
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
    bound.limit = up_to;
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

// More ids than this are not given to the main database in one statement.
constexpr long long kIdsMax = 4096;

// The messages that have the words, as the index knows them, newest first.
class WordHits {
  public:
    WordHits(storage::Session& index, const Query& query) : index_(index), query_(query) {}

    // Those with smaller ids than `before`; 0: from the newest.
    Ids ids(long long before, long long limit) const {
        Ids ids;
        const long long end = before == 0 ? std::numeric_limits<long long>::max() : before;
        index_.sql() << "SELECT count(*), coalesce(min(rowid), 0), "
                        "coalesce(group_concat(rowid), '') FROM (SELECT rowid FROM words WHERE "
                        "words MATCH :match AND rowid < :before ORDER BY rowid DESC LIMIT :limit)",
            into(ids.count), into(ids.last), into(ids.list), use(query_.match), use(end),
            use(limit);
        return ids;
    }

    std::int64_t count(long long up_to) const {
        long long count = 0;
        index_.sql() << "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH :match "
                        "LIMIT :limit)",
            into(count), use(query_.match), use(up_to);
        return count;
    }

    // The index keeps no texts, so the few that are shown are indexed once more, in memory, to have
    // the words marked exactly as they were found.
    void mark(std::vector<Hit>& hits) const {
        soci::session& sql = index_.sql();
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
                into(hit.snippet), use(query_.match), use(id);
            if (!sql.got_data()) hit.snippet = hit.message.text();
        }
    }

  private:
    storage::Session& index_;
    const Query& query_;
};

// The index knows the words and the main database everything else: the ids go from one to the
// other, some at a time, until there are enough hits.
Hits findWords(storage::Session& main, storage::Session& index, const Query& query,
               const Bound& bound, const Page& page) {
    const WordHits words(index, query);
    const bool is_narrowed = !filters(query).empty();
    Hits found;
    // Where nothing else is asked for, each id is a hit.
    long long step = is_narrowed ? std::min<long long>(kIdsMax, page.limit * 8) : page.limit;
    for (long long before = page.before;;) {
        const Ids ids = words.ids(before, step);
        if (ids.count == 0) break;
        Bound rest = bound;
        rest.limit = page.limit - static_cast<long long>(found.hits.size());
        for (Hit& hit : selectHits(main, among(ids, query), rest))
            found.hits.push_back(std::move(hit));
        const bool is_full = static_cast<long long>(found.hits.size()) >= page.limit;
        if (ids.count < step || is_full) break;
        before = ids.last;
        step = kIdsMax;
    }
    words.mark(found.hits);
    const std::int64_t up_to = page.count_up_to + 1;
    if (!is_narrowed) {
        found.total = words.count(up_to);
        return found;
    }
    for (long long before = 0; found.total < up_to;) {
        const Ids ids = words.ids(before, kIdsMax);
        if (ids.count > 0)
            found.total += countHits(main, among(ids, query), bound, up_to - found.total);
        if (ids.count < kIdsMax) break;
        before = ids.last;
    }
    return found;
}

Hits findAll(storage::Session& main, const Query& query, const Bound& bound, const Page& page) {
    Hits found;
    found.hits = selectHits(main, withoutWords(query, page.before), bound);
    for (Hit& hit : found.hits) hit.snippet = hit.message.text();
    found.total = countHits(main, withoutWords(query, 0), bound, page.count_up_to + 1);
    return found;
}

} // namespace

base::Result<Hits> search(const SearchIndex& index, storage::Dictionary& dictionary,
                          const Query& query, const Page& page) {
    return index.main().query<Hits>("search", [&](storage::Session& main) {
        const Bound bound = boundTo(main, dictionary, query, page);
        Hits found;
        if (query.match.empty()) {
            found = findAll(main, query, bound, page);
        } else {
            const auto read = index.file().read("search", [&](storage::Session& session) {
                found = findWords(main, session, query, bound, page);
            });
            if (!read) throw storage::StorageFailure(read.error());
        }
        found.counted_all = found.total <= page.count_up_to;
        found.total = std::min(found.total, page.count_up_to);
        return found;
    });
}

} // namespace hearback::search
