#include "storage/dictionary.h"

#include "storage/sql.h"

namespace hearback::storage {

namespace {

// More words than this are looked up in the table: a topic per message must not fill the memory.
constexpr std::size_t kCachedWordsMax = 100000;

struct SelectTermId {
    long long term = 0;
    std::string word;
    long long id = 0;
    soci::statement statement;
    explicit SelectTermId(soci::session& sql)
        : statement((sql.prepare << "SELECT id FROM term WHERE kind = :kind AND word = :word",
                     soci::into(id), soci::use(term), soci::use(word))) {}
};

struct SelectTermWord {
    long long id = 0;
    std::string word;
    soci::statement statement;
    explicit SelectTermWord(soci::session& sql)
        : statement((sql.prepare << "SELECT word FROM term WHERE id = :id", soci::into(word),
                     soci::use(id))) {}
};

std::optional<std::int64_t> selectTermId(Session& session, Term term, std::string_view word) {
    auto& select = session.kept<SelectTermId>();
    select.term = static_cast<long long>(term);
    select.word = word;
    if (!selectOne(select.statement)) return std::nullopt;
    return select.id;
}

std::string cacheKey(Term term, std::string_view word) {
    std::string key(1, static_cast<char>(term));
    key.append(word);
    return key;
}

} // namespace

Migration Dictionary::migration() {
    return {"dictionary",
            1,
            {"CREATE TABLE term (id $id, kind BIGINT NOT NULL, word TEXT NOT NULL)",
             "CREATE UNIQUE INDEX term_word ON term (kind, word)"}};
}

std::int64_t Dictionary::idOf(Transaction& tx, Term term, std::string_view word) {
    if (word.empty()) return 0;
    if (const auto id = cached(term, word)) return *id;
    auto id = selectTermId(tx.session(), term, word);
    if (!id) {
        long long next = 0;
        tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM term", soci::into(next);
        const std::string text(word);
        const auto kind = static_cast<long long>(term);
        tx.sql() << "INSERT INTO term (id, kind, word) VALUES (:id, :kind, :word)", soci::use(next),
            soci::use(kind), soci::use(text);
        id = next;
    }
    // Not before: a transaction that is rolled back takes its words with it. One that was found may
    // be of this very transaction.
    tx.afterCommit(
        [this, term, text = std::string(word), found = *id] { remember(term, text, found); });
    return *id;
}

std::optional<std::int64_t> Dictionary::find(Session& session, Term term, std::string_view word) {
    if (word.empty()) return 0;
    if (const auto id = cached(term, word)) return id;
    const auto id = selectTermId(session, term, word);
    if (id) remember(term, word, *id);
    return id;
}

std::string Dictionary::wordOf(Session& session, std::int64_t id) {
    if (id == 0) return {};
    {
        const std::lock_guard lock(mutex_);
        const auto found = words_.find(id);
        if (found != words_.end()) return found->second;
    }
    auto& select = session.kept<SelectTermWord>();
    select.id = id;
    if (!selectOne(select.statement)) return {};
    const std::lock_guard lock(mutex_);
    if (words_.size() < kCachedWordsMax) words_.emplace(id, select.word);
    return select.word;
}

std::optional<std::int64_t> Dictionary::cached(Term term, std::string_view word) const {
    const std::lock_guard lock(mutex_);
    const auto found = ids_.find(cacheKey(term, word));
    if (found == ids_.end()) return std::nullopt;
    return found->second;
}

void Dictionary::remember(Term term, std::string_view word, std::int64_t id) {
    const std::lock_guard lock(mutex_);
    if (ids_.size() < kCachedWordsMax) ids_.emplace(cacheKey(term, word), id);
}

} // namespace hearback::storage
