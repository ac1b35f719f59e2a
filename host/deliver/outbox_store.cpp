// Outbox: claims, what became of them, what is held.
#include "deliver/bound_row.h"
#include "deliver/outbox.h"

namespace hearback::deliver {

namespace {

using soci::into;
using soci::use;

// A claim that was taken back because its process is gone: it has ended, and something may have
// been sent under it.
constexpr long long kEndedClaim = 1;

struct TakeClaim {
    long long id = 0, until = 0;
    std::string holder;
    soci::statement statement;
    explicit TakeClaim(soci::session& sql)
        : statement((sql.prepare << "UPDATE outbox SET claimed_until = :until, "
                                    "claim_holder = :holder WHERE id = :id",
                     use(until), use(holder), use(id))) {}
};

struct EarlierRemoteId {
    long long message_id = 0, sink_id = 0, id = 0;
    std::string remote_id;
    soci::statement statement;
    explicit EarlierRemoteId(soci::session& sql)
        : statement((sql.prepare << "SELECT remote_id FROM outbox WHERE message_id = :message AND "
                                    "sink_id = :sink AND id < :id AND action_id = 0 AND "
                                    "remote_id <> '' ORDER BY id + 0 DESC LIMIT 1",
                     into(remote_id), use(message_id), use(sink_id), use(id))) {}
};

struct SettleRow {
    long long id = 0, state = 0, attempts = 0, due_at = 0, done_at = 0, claimed_until = 0;
    std::string remote_id, last_error;
    soci::statement statement;
    explicit SettleRow(soci::session& sql)
        : statement((sql.prepare << "UPDATE outbox SET state = :state, attempts = :attempts, "
                                    "due_at = :due, claimed_until = 0, done_at = :done, "
                                    "remote_id = :remote, last_error = :error "
                                    "WHERE id = :id AND claimed_until = :claimed",
                     use(state), use(attempts), use(due_at), use(done_at), use(remote_id),
                     use(last_error), use(id), use(claimed_until))) {}
};

pipeline::DeadLetter letterOf(const OutboxRow& row) {
    pipeline::DeadLetter letter;
    letter.stage = pipeline::DeadLetter::Stage::Deliver;
    letter.source = row.sink;
    letter.cause = row.last_error;
    letter.position = "message " + std::to_string(row.message_id);
    letter.kind = pipeline::DeadLetter::Payload::Delivery;
    letter.payload = std::to_string(row.id);
    return letter;
}

std::vector<OutboxRow> claimDue(storage::Transaction& tx, long long sink_id, long long now,
                                long long until, long long limit, const std::string& holder) {
    std::vector<OutboxRow> rows;
    BoundRow row;
    soci::statement select =
        (row.intoThis(
             tx.sql().prepare
             << kOutboxColumns +
                    "WHERE o.sink_id = :sink AND o.state = 0 AND o.due_at <= :now "
                    "AND o.claimed_until <= :now "
                    "AND NOT EXISTS (SELECT 1 FROM delivery_hold h WHERE h.id = o.sink_id) "
                    // Not as NOT EXISTS, which a server that has not counted the rows yet makes a
                    // join of everything.
                    "AND (o.order_key = 0 OR coalesce((SELECT 1 FROM outbox e WHERE "
                    "e.order_key = o.order_key AND e.order_key <> 0 AND e.sink_id = o.sink_id AND "
                    "e.state = 0 AND e.id < o.id LIMIT 1), 0) = 0) "
                    "ORDER BY o.due_at, o.id LIMIT :limit"),
         use(sink_id, "sink"), use(now, "now"), use(limit, "limit"));
    select.execute();
    while (select.fetch()) rows.push_back(row.row());
    auto& take = tx.kept<TakeClaim>();
    auto& earlier = tx.kept<EarlierRemoteId>();
    for (OutboxRow& each : rows) {
        take.id = each.id;
        take.until = until;
        take.holder = holder;
        take.statement.execute(true);
        each.was_under_way = each.claimed_until != 0;
        each.claimed_until = until;
        if (each.revision == 0) continue; // the first
        earlier.message_id = each.message_id;
        earlier.sink_id = sink_id;
        earlier.id = each.id;
        if (storage::selectOne(earlier.statement)) each.earlier_remote_id = earlier.remote_id;
    }
    return rows;
}

} // namespace

const char* nameOf(DeliveryState state) {
    switch (state) {
    case DeliveryState::Waiting: return "waiting";
    case DeliveryState::Delivered: return "delivered";
    case DeliveryState::Dead: return "dead";
    case DeliveryState::Unclear: return "unclear";
    case DeliveryState::Cancelled: return "cancelled";
    }
    return "unknown";
}

base::Result<std::vector<OutboxRow>> Outbox::claim(const Endpoint& endpoint, std::int64_t limit,
                                                   base::Micros lease) {
    std::vector<OutboxRow> rows;
    const auto sink_id =
        database_.query<std::int64_t>("look up a sink", [&](storage::Session& session) {
            return dictionary_.find(session, endpoint.kind, endpoint.name).value_or(0);
        });
    if (!sink_id) return sink_id.error();
    if (*sink_id == 0) return rows;
    const long long now = clock_.now();
    const auto claimed = database_.write("claim deliveries", [&](storage::Transaction& tx) {
        rows = claimDue(tx, *sink_id, now, now + lease, limit, holder_);
    });
    if (!claimed) return claimed.error();
    return rows;
}

base::Result<void> Outbox::releaseClaims() {
    return database_.write("release claims", [](storage::Transaction& tx) {
        tx.sql() << "UPDATE outbox SET claimed_until = :ended WHERE state = 0 AND "
                    "claimed_until > :ended",
            use(kEndedClaim, "ended");
    });
}

base::Result<void> Outbox::releaseClaims(const std::string& holder) {
    return database_.write("release claims", [&](storage::Transaction& tx) {
        tx.sql() << "UPDATE outbox SET claimed_until = :ended WHERE state = 0 AND "
                    "claimed_until > :ended AND claim_holder = :holder",
            use(kEndedClaim, "ended"), use(holder, "holder");
    });
}

base::Result<std::size_t> Outbox::settle(const std::vector<OutboxRow>& rows, const Keep& keep) {
    std::size_t noted = 0;
    const auto settled = database_.write("settle deliveries", [&](storage::Transaction& tx) {
        noted = 0;
        auto& settle = tx.kept<SettleRow>();
        for (const OutboxRow& row : rows) {
            settle.id = row.id;
            settle.state = static_cast<long long>(row.state);
            settle.attempts = row.attempts;
            settle.due_at = row.due_at;
            settle.done_at = row.done_at;
            settle.remote_id = row.remote_id;
            settle.last_error = row.last_error;
            settle.claimed_until = row.claimed_until;
            settle.statement.execute(true);
            if (settle.statement.get_affected_rows() == 0) continue;
            ++noted;
            if (row.state == DeliveryState::Dead) keep(tx, letterOf(row));
        }
    });
    if (!settled) return settled.error();
    return noted;
}

base::Result<std::optional<base::Micros>> Outbox::nextDue(const Endpoint& endpoint) {
    return database_.query<std::optional<base::Micros>>(
        "look for deliveries", [&](storage::Session& session) -> std::optional<base::Micros> {
            const auto id = dictionary_.find(session, endpoint.kind, endpoint.name);
            if (!id) return std::nullopt;
            const auto sink_id = static_cast<long long>(*id);
            // A row that another process has claimed is due when its lease ends.
            long long due = 0;
            session.sql() << "SELECT CASE WHEN claimed_until > due_at THEN claimed_until ELSE "
                             "due_at END FROM outbox WHERE sink_id = :sink AND state = 0 AND NOT "
                             "EXISTS (SELECT 1 FROM delivery_hold h WHERE h.id = sink_id) "
                             "ORDER BY due_at LIMIT 1",
                into(due), use(sink_id);
            if (!session.sql().got_data()) return std::nullopt;
            return due;
        });
}

base::Result<void> Outbox::hold(const Endpoint& endpoint, const std::string& cause) {
    return database_.write("hold deliveries", [&](storage::Transaction& tx) {
        const long long id = dictionary_.idOf(tx, endpoint.kind, endpoint.name);
        const long long since = clock_.now();
        tx.sql() << "INSERT INTO delivery_hold (id, since, cause) VALUES (:id, :since, :cause) "
                    "ON CONFLICT (id) DO NOTHING",
            use(id), use(since), use(cause);
    });
}

base::Result<void> Outbox::resume(const Endpoint& endpoint) {
    return database_.write("resume deliveries", [&](storage::Transaction& tx) {
        const long long id =
            dictionary_.find(tx.session(), endpoint.kind, endpoint.name).value_or(0);
        soci::statement remove =
            (tx.sql().prepare << "DELETE FROM delivery_hold WHERE id = :id", use(id));
        remove.execute(true);
        if (remove.get_affected_rows() == 0)
            throw storage::StorageFailure(
                {base::Code::NotFound, "deliveries to \"" + endpoint.name + "\" are not held"});
    });
}

base::Result<std::optional<Hold>> Outbox::holdOf(const Endpoint& endpoint) {
    return database_.query<std::optional<Hold>>(
        "look for a hold", [&](storage::Session& session) -> std::optional<Hold> {
            const long long id =
                dictionary_.find(session, endpoint.kind, endpoint.name).value_or(0);
            Hold hold;
            long long since = 0;
            session.sql() << "SELECT since, cause FROM delivery_hold WHERE id = :id", into(since),
                into(hold.cause), use(id);
            if (!session.sql().got_data()) return std::nullopt;
            hold.since = since;
            return hold;
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
