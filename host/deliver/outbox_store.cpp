#include "deliver/outbox.h"
#include "storage/sql.h"

#include <set>

namespace hearback::deliver {

namespace {

using pipeline::Item;
using pipeline::Outcome;
using soci::into;
using soci::use;

struct InsertOutbox {
    long long id = 0, sink_id = 0, message_id = 0, revision = 0, due_at = 0;
    soci::statement statement;
    explicit InsertOutbox(soci::session& sql)
        : statement(
              (sql.prepare << "INSERT INTO outbox (id, sink_id, message_id, revision, state, "
                              "attempts, due_at, claimed_until, created_at, done_at, remote_id, "
                              "last_error) VALUES (:id, :sink, :message, :revision, 0, 0, :due, 0, "
                              ":created, 0, '', '')",
               use(id), use(sink_id), use(message_id), use(revision), use(due_at), use(due_at))) {}
};

bool leaves(const Item& item) {
    return item.outcome == Outcome::Inserted || item.outcome == Outcome::Revised ||
           item.outcome == Outcome::Deleted || item.outcome == Outcome::Annotated;
}

// Sinks that have rows of a message: of any revision, or of the present one only.
std::set<long long> sinksTold(storage::Transaction& tx, const Item& item, bool present_only) {
    std::set<long long> sinks;
    long long sink = 0;
    const auto message = static_cast<long long>(item.message_id);
    const long long revision = present_only ? item.revision : -1;
    soci::statement select =
        (tx.sql().prepare << "SELECT DISTINCT sink_id FROM outbox WHERE message_id = :message AND "
                             "(CAST(:revision AS BIGINT) = -1 OR revision = :revision)",
         into(sink), use(message, "message"), use(revision, "revision"));
    select.execute();
    while (select.fetch()) sinks.insert(sink);
    return sinks;
}

std::set<long long> sinksOf(storage::Transaction& tx, storage::Dictionary& dictionary,
                            const Item& item) {
    std::set<long long> sinks;
    for (const std::string& name : item.route.sinks())
        sinks.insert(dictionary.idOf(tx, storage::Term::Sink, name));
    if (item.outcome == Outcome::Revised || item.outcome == Outcome::Deleted)
        sinks.merge(sinksTold(tx, item, false));
    // A late answer of a classifier may add sinks; those that have it do not get it twice.
    if (item.outcome == Outcome::Annotated && !sinks.empty())
        for (const long long told : sinksTold(tx, item, true)) sinks.erase(told);
    return sinks;
}

constexpr const char* kColumns =
    "SELECT o.id, o.message_id, o.revision, t.word, o.state, o.attempts, o.due_at, o.created_at, "
    "o.done_at, o.remote_id, o.last_error FROM outbox o JOIN term t ON t.id = o.sink_id ";

struct BoundRow {
    long long id = 0, message_id = 0, revision = 0, state = 0, attempts = 0, due_at = 0;
    long long created_at = 0, done_at = 0;
    std::string sink, remote_id, last_error;

    template <class Prepare>
    auto intoThis(Prepare&& prepare) {
        return (prepare, into(id), into(message_id), into(revision), into(sink), into(state),
                into(attempts), into(due_at), into(created_at), into(done_at), into(remote_id),
                into(last_error));
    }
    OutboxRow row() const {
        return {id,        message_id, revision,   sink,    static_cast<DeliveryState>(state),
                attempts,  due_at,     created_at, done_at, remote_id,
                last_error};
    }
};

struct SettleRow {
    long long id = 0, state = 0, attempts = 0, due_at = 0, done_at = 0;
    std::string remote_id, last_error;
    soci::statement statement;
    explicit SettleRow(soci::session& sql)
        : statement((sql.prepare << "UPDATE outbox SET state = :state, attempts = :attempts, "
                                    "due_at = :due, claimed_until = 0, done_at = :done, "
                                    "remote_id = :remote, last_error = :error WHERE id = :id",
                     use(state), use(attempts), use(due_at), use(done_at), use(remote_id),
                     use(last_error), use(id))) {}
};

} // namespace

storage::Migration outboxMigration() {
    return {"deliver",
            1,
            {"CREATE TABLE outbox (id $id, sink_id BIGINT NOT NULL, message_id BIGINT NOT NULL, "
             "revision BIGINT NOT NULL, state BIGINT NOT NULL, attempts BIGINT NOT NULL, "
             "due_at BIGINT NOT NULL, claimed_until BIGINT NOT NULL, created_at BIGINT NOT NULL, "
             "done_at BIGINT NOT NULL, remote_id TEXT NOT NULL, last_error TEXT NOT NULL)",
             // What is to be sent: only what waits is in it.
             "CREATE INDEX outbox_due ON outbox (sink_id, due_at, id) WHERE state = 0",
             // Who was told of a message.
             "CREATE INDEX outbox_message ON outbox (message_id)",
             "CREATE TABLE installation (id $id, name TEXT NOT NULL)"}};
}

const char* nameOf(DeliveryState state) {
    switch (state) {
    case DeliveryState::Waiting: return "waiting";
    case DeliveryState::Delivered: return "delivered";
    case DeliveryState::Dead: return "dead";
    }
    return "unknown";
}

void OutboxLedger::write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) {
    long long next_id = 0;
    auto& insert = tx.kept<InsertOutbox>();
    for (pipeline::Batch& batch : group) {
        for (const Item& item : batch.items) {
            if (!leaves(item)) continue;
            for (const long long sink : sinksOf(tx, dictionary_, item)) {
                if (next_id == 0)
                    tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM outbox", into(next_id);
                insert.id = next_id++;
                insert.sink_id = sink;
                insert.message_id = item.message_id;
                insert.revision = item.revision;
                insert.due_at = clock_.now();
                insert.statement.execute(true);
            }
        }
    }
    if (next_id != 0 && wake_) tx.afterCommit(wake_);
}

base::Result<std::vector<OutboxRow>> Outbox::claim(const std::string& sink, std::int64_t limit,
                                                   base::Micros lease) {
    std::vector<OutboxRow> rows;
    const auto sink_id =
        database_.query<std::int64_t>("look up a sink", [&](storage::Session& session) {
            return dictionary_.find(session, storage::Term::Sink, sink).value_or(0);
        });
    if (!sink_id) return sink_id.error();
    if (*sink_id == 0) return rows;
    const long long now = clock_.now();
    const long long until = now + lease;
    const auto id = static_cast<long long>(*sink_id);
    const auto most = static_cast<long long>(limit);
    const auto claimed =
        database_.write("claim deliveries", [&](storage::Transaction& tx) {
            rows.clear();
            BoundRow row;
            soci::statement select =
                (row.intoThis(
                     tx.sql().prepare
                     << std::string(kColumns) +
                            "WHERE o.sink_id = :sink AND o.state = 0 AND o.due_at <= :now "
                            "AND o.claimed_until <= :now ORDER BY o.due_at, o.id LIMIT :limit"),
                 use(id, "sink"), use(now, "now"), use(most, "limit"));
            select.execute();
            while (select.fetch()) rows.push_back(row.row());
            for (const OutboxRow& each : rows) {
                const long long claimed_id = each.id;
                tx.sql() << "UPDATE outbox SET claimed_until = :until WHERE id = :id", use(until),
                    use(claimed_id);
            }
        });
    if (!claimed) return claimed.error();
    return rows;
}

base::Result<void> Outbox::releaseClaims() {
    return database_.write("release claims", [](storage::Transaction& tx) {
        tx.sql() << "UPDATE outbox SET claimed_until = 0 WHERE state = 0 AND claimed_until > 0";
    });
}

base::Result<void> Outbox::settle(const std::vector<OutboxRow>& rows, const Keep& keep) {
    return database_.write("settle deliveries", [&](storage::Transaction& tx) {
        auto& settle = tx.kept<SettleRow>();
        for (const OutboxRow& row : rows) {
            settle.id = row.id;
            settle.state = static_cast<long long>(row.state);
            settle.attempts = row.attempts;
            settle.due_at = row.due_at;
            settle.done_at = row.done_at;
            settle.remote_id = row.remote_id;
            settle.last_error = row.last_error;
            settle.statement.execute(true);
            if (row.state != DeliveryState::Dead) continue;
            pipeline::DeadLetter letter;
            letter.stage = pipeline::DeadLetter::Stage::Deliver;
            letter.source = row.sink;
            letter.cause = row.last_error;
            letter.position = "message " + std::to_string(row.message_id);
            letter.kind = pipeline::DeadLetter::Payload::Delivery;
            letter.payload = std::to_string(row.id);
            keep(tx, letter);
        }
    });
}

base::Result<std::optional<base::Micros>> Outbox::nextDue(const std::string& sink) {
    return database_.query<std::optional<base::Micros>>(
        "look for deliveries", [&](storage::Session& session) -> std::optional<base::Micros> {
            const auto id = dictionary_.find(session, storage::Term::Sink, sink);
            if (!id) return std::nullopt;
            const auto sink_id = static_cast<long long>(*id);
            // A row that another process has claimed is due when its lease ends.
            long long due = 0;
            session.sql() << "SELECT CASE WHEN claimed_until > due_at THEN claimed_until ELSE "
                             "due_at END FROM outbox WHERE sink_id = :sink AND state = 0 "
                             "ORDER BY due_at LIMIT 1",
                into(due), use(sink_id);
            if (!session.sql().got_data()) return std::nullopt;
            return due;
        });
}

base::Result<std::vector<OutboxRow>> Outbox::ofMessage(std::int64_t message_id) {
    return database_.query<std::vector<OutboxRow>>(
        "list deliveries", [&](storage::Session& session) {
            std::vector<OutboxRow> rows;
            BoundRow row;
            const auto message = static_cast<long long>(message_id);
            soci::statement select =
                (row.intoThis(session.sql().prepare
                              << std::string(kColumns) + "WHERE o.message_id = :id ORDER BY o.id"),
                 use(message));
            select.execute();
            while (select.fetch()) rows.push_back(row.row());
            return rows;
        });
}

base::Result<std::int64_t> Outbox::waiting() {
    return database_.query<std::int64_t>("count deliveries", [](storage::Session& session) {
        long long count = 0;
        session.sql() << "SELECT count(*) FROM outbox WHERE state = 0", into(count);
        return static_cast<std::int64_t>(count);
    });
}

base::Result<void> Outbox::retry(std::int64_t id) {
    return database_.write("retry a delivery", [&](storage::Transaction& tx) {
        const auto wanted = static_cast<long long>(id);
        const long long now = clock_.now();
        soci::statement update =
            (tx.sql().prepare << "UPDATE outbox SET state = 0, attempts = 0, due_at = :now, "
                                 "claimed_until = 0 WHERE id = :id AND state = 2",
             use(now), use(wanted));
        update.execute(true);
        if (update.get_affected_rows() == 0)
            throw storage::StorageFailure(
                {base::Code::Conflict, "the delivery is not given up: it waits or was delivered"});
    });
}

base::Result<std::string> Outbox::installation(base::Random& random) {
    std::string name;
    const auto written = database_.write("name the installation", [&](storage::Transaction& tx) {
        tx.sql() << "SELECT name FROM installation WHERE id = 1", into(name);
        if (tx.sql().got_data()) return;
        name = random.hex(12);
        tx.sql() << "INSERT INTO installation (id, name) VALUES (1, :name)", use(name);
    });
    if (!written) return written.error();
    return name;
}

} // namespace hearback::deliver
