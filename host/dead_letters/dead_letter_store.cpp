#include "base/fingerprint.h"
#include "base/utf8.h"
#include "dead_letters/dead_letters.h"
#include "storage/sql.h"

namespace hearback::dead_letters {

namespace {

using pipeline::DeadLetter;
using soci::into;
using soci::use;

// A clash would only add to a count.
long long hashOf(const DeadLetter& letter) {
    return base::Fingerprint().add(letter.payload).add(letter.position).value();
}

constexpr const char* kSelect =
    "SELECT id, stage, source, cause, position, payload_kind, payload, seen, first_at, last_at, "
    "replayed_at FROM dead_letter ";

struct LetterRow {
    long long id = 0, stage = 0, kind = 0, seen = 0, first_at = 0, last_at = 0, replayed_at = 0;
    std::string source, cause, position, payload;

    template <class Prepare>
    auto intoThis(soci::session& sql, Prepare&& prepare) {
        return (prepare, into(id), into(stage), into(source), into(cause), into(position),
                into(kind), storage::intoBytes(sql, payload), into(seen), into(first_at),
                into(last_at), into(replayed_at));
    }
    StoredLetter stored() const {
        StoredLetter out;
        out.id = id;
        out.letter.stage = static_cast<DeadLetter::Stage>(stage);
        out.letter.source = source;
        out.letter.cause = cause;
        out.letter.position = position;
        out.letter.kind = static_cast<DeadLetter::Payload>(kind);
        out.letter.payload = payload;
        out.seen = seen;
        out.first_at = first_at;
        out.last_at = last_at;
        out.replayed_at = replayed_at;
        return out;
    }
};

} // namespace

storage::Migration migration() {
    return {"dead_letters",
            1,
            {"CREATE TABLE dead_letter (id $id, stage BIGINT NOT NULL, source TEXT NOT NULL, "
             "cause TEXT NOT NULL, position TEXT NOT NULL, payload_kind BIGINT NOT NULL, "
             "payload $bytes NOT NULL, payload_hash BIGINT NOT NULL, seen BIGINT NOT NULL, "
             "first_at BIGINT NOT NULL, last_at BIGINT NOT NULL, replayed_at BIGINT NOT NULL)",
             "CREATE UNIQUE INDEX dead_letter_key ON dead_letter (source, stage, payload_hash)"}};
}

void DeadLetterLedger::write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) {
    for (const pipeline::Batch& batch : group)
        for (const DeadLetter& letter : batch.dead_letters) keep(tx, letter);
}

void DeadLetterLedger::keep(storage::Transaction& tx, const DeadLetter& letter) {
    const auto stage = static_cast<long long>(letter.stage);
    const auto kind = static_cast<long long>(letter.kind);
    const long long hash = hashOf(letter);
    const long long now = clock_.now();
    const std::string cause = base::repairUtf8(letter.cause);
    const std::string position = base::repairUtf8(letter.position);
    tx.sql() << "INSERT INTO dead_letter (id, stage, source, cause, position, payload_kind, "
                "payload, payload_hash, seen, first_at, last_at, replayed_at) VALUES "
                "((SELECT coalesce(max(id), 0) + 1 FROM dead_letter), :stage, :source, :cause, "
                ":position, :kind, :payload, :hash, 1, :first, :last, 0) "
                "ON CONFLICT (source, stage, payload_hash) DO UPDATE SET "
                "cause = excluded.cause, seen = dead_letter.seen + 1, "
                "last_at = excluded.last_at, replayed_at = 0",
        use(stage), use(letter.source), use(cause), use(position), use(kind),
        storage::useBytes(tx.sql(), letter.payload), use(hash), use(now), use(now);
}

base::Result<std::vector<StoredLetter>> listLetters(storage::Database& database,
                                                    const LetterFilter& filter) {
    return database.query<std::vector<StoredLetter>>(
        "list dead letters", [&](storage::Session& session) {
            std::vector<StoredLetter> letters;
            LetterRow row;
            const long long all = filter.replayed_too ? 1 : 0;
            const auto limit = static_cast<long long>(filter.limit);
            soci::statement select =
                (row.intoThis(session.sql(),
                              session.sql().prepare
                                  << std::string(kSelect) +
                                         "WHERE (:all = 1 OR replayed_at = 0) AND (:source = '' OR "
                                         "source = :source) ORDER BY id DESC LIMIT :limit"),
                 use(all, "all"), use(filter.source, "source"), use(limit, "limit"));
            select.execute();
            while (select.fetch()) letters.push_back(row.stored());
            return letters;
        });
}

base::Result<std::optional<StoredLetter>> findLetter(storage::Database& database, std::int64_t id) {
    return database.query<std::optional<StoredLetter>>(
        "load a dead letter", [&](storage::Session& session) -> std::optional<StoredLetter> {
            LetterRow row;
            const auto wanted = static_cast<long long>(id);
            soci::statement select =
                (row.intoThis(session.sql(),
                              session.sql().prepare << std::string(kSelect) + "WHERE id = :id"),
                 use(wanted));
            if (!select.execute(true)) return std::nullopt;
            return row.stored();
        });
}

base::Result<std::int64_t> countLetters(storage::Database& database) {
    return database.query<std::int64_t>("count dead letters", [](storage::Session& session) {
        long long count = 0;
        session.sql() << "SELECT count(*) FROM dead_letter WHERE replayed_at = 0", into(count);
        return static_cast<std::int64_t>(count);
    });
}

base::Result<void> markReplayed(storage::Database& database, std::int64_t id, base::Micros at) {
    return database.write("mark a dead letter", [&](storage::Transaction& tx) {
        const auto wanted = static_cast<long long>(id);
        const long long when = at;
        tx.sql() << "UPDATE dead_letter SET replayed_at = :at WHERE id = :id", use(when),
            use(wanted);
    });
}

const char* nameOf(DeadLetter::Stage stage) {
    switch (stage) {
    case DeadLetter::Stage::Read: return "read";
    case DeadLetter::Stage::Normalise: return "normalise";
    case DeadLetter::Stage::Enrich: return "enrich";
    case DeadLetter::Stage::Commit: return "commit";
    case DeadLetter::Stage::Deliver: return "deliver";
    }
    return "unknown";
}

} // namespace hearback::dead_letters
