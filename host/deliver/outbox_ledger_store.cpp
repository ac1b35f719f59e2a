#include "deliver/outbox_ledger.h"
#include "storage/sql.h"

#include <set>
#include <vector>

namespace hearback::deliver {

namespace {

using pipeline::Item;
using pipeline::Outcome;
using soci::into;
using soci::use;

struct InsertOutbox {
    long long id = 0, sink_id = 0, message_id = 0, revision = 0, order_key = 0, due_at = 0;
    soci::statement statement;
    explicit InsertOutbox(soci::session& sql)
        : statement(
              (sql.prepare << "INSERT INTO outbox (id, sink_id, message_id, revision, state, "
                              "attempts, due_at, claimed_until, created_at, done_at, remote_id, "
                              "last_error, order_key) VALUES (:id, :sink, :message, "
                              ":revision, 0, 0, :due, 0, :created, 0, '', '', :key)",
               use(id), use(sink_id), use(message_id), use(revision), use(due_at), use(due_at),
               use(order_key))) {}
};

bool leaves(const Item& item) {
    return item.outcome == Outcome::Inserted || item.outcome == Outcome::Revised ||
           item.outcome == Outcome::Deleted || item.outcome == Outcome::Annotated;
}

// Sinks that have rows of a message which nobody took back: of any revision, or of the present one.
std::set<long long> sinksTold(storage::Transaction& tx, const Item& item, bool present_only) {
    std::set<long long> sinks;
    long long sink = 0;
    const auto message = static_cast<long long>(item.message_id);
    const long long revision = present_only ? item.revision : -1;
    soci::statement select =
        (tx.sql().prepare << "SELECT DISTINCT sink_id FROM outbox WHERE message_id = :message AND "
                             "action_id = 0 AND state <> 4 AND "
                             "(CAST(:revision AS BIGINT) = -1 OR revision = :revision)",
         into(sink), use(message, "message"), use(revision, "revision"));
    select.execute();
    while (select.fetch()) sinks.insert(sink);
    return sinks;
}

// What waits of a message that stood alone leaves in this order from now on.
void putInOrder(storage::Transaction& tx, long long message_id, long long order_key) {
    tx.sql() << "UPDATE outbox SET order_key = :key WHERE message_id = :message AND state = 0 AND "
                "order_key <= 0",
        use(order_key), use(message_id);
}

long long orderKeyOf(storage::Transaction& tx, const Item& item) {
    if (item.conversation_id != 0) return item.conversation_id;
    if (item.outcome == Outcome::Inserted) return 0;
    putInOrder(tx, item.message_id, -item.message_id);
    return -item.message_id;
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

} // namespace

std::vector<storage::Migration> outboxMigrations() {
    return {{"deliver",
             1,
             {"CREATE TABLE outbox (id $id, sink_id BIGINT NOT NULL, message_id BIGINT NOT NULL, "
              "revision BIGINT NOT NULL, state BIGINT NOT NULL, attempts BIGINT NOT NULL, "
              "due_at BIGINT NOT NULL, claimed_until BIGINT NOT NULL, created_at BIGINT NOT NULL, "
              "done_at BIGINT NOT NULL, remote_id TEXT NOT NULL, last_error TEXT NOT NULL)",
              // What is to be sent: only what waits is in it.
              "CREATE INDEX outbox_due ON outbox (sink_id, due_at, id) WHERE state = 0",
              // Who was told of a message.
              "CREATE INDEX outbox_message ON outbox (message_id)",
              "CREATE TABLE installation (id $id, name TEXT NOT NULL)"}},
            {"deliver",
             2,
             {// What leaves in its order: the conversation; the message with a minus, where it
              // stands alone and has more than one row; 0: alone.
              "ALTER TABLE outbox ADD COLUMN order_key BIGINT NOT NULL DEFAULT 0",
              "ALTER TABLE outbox ADD COLUMN action_id BIGINT NOT NULL DEFAULT 0",
              "ALTER TABLE outbox ADD COLUMN not_after BIGINT NOT NULL DEFAULT 0",
              "ALTER TABLE outbox ADD COLUMN replays BIGINT NOT NULL DEFAULT 0",
              // The host that sends it now.
              "ALTER TABLE outbox ADD COLUMN claim_holder TEXT NOT NULL DEFAULT ''",
              "CREATE INDEX outbox_order ON outbox (order_key, sink_id, id) "
              "WHERE state = 0 AND order_key <> 0",
              // What a person has to look at.
              "CREATE INDEX outbox_unclear ON outbox (id) WHERE state = 3",
              // Endpoints that get nothing, by their number among the words.
              "CREATE TABLE delivery_hold (id $id, since BIGINT NOT NULL, cause TEXT NOT NULL)",
              // What an action row does: a v1::Action as JSON.
              "CREATE TABLE action_order (id $id, body TEXT NOT NULL)"}}};
}

void OutboxLedger::write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) {
    long long next_id = 0;
    auto& insert = tx.kept<InsertOutbox>();
    for (pipeline::Batch& batch : group) {
        for (const Item& item : batch.items) {
            // The question that this item answers stood alone.
            if (item.joined_id != 0) putInOrder(tx, item.joined_id, item.conversation_id);
            if (!leaves(item)) continue;
            const std::set<long long> sinks = sinksOf(tx, dictionary_, item);
            if (sinks.empty()) continue;
            const long long order_key = orderKeyOf(tx, item);
            for (const long long sink : sinks) {
                if (next_id == 0)
                    tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM outbox", into(next_id);
                insert.id = next_id++;
                insert.sink_id = sink;
                insert.message_id = item.message_id;
                insert.revision = item.revision;
                insert.order_key = order_key;
                insert.due_at = clock_.now();
                insert.statement.execute(true);
            }
        }
    }
    if (next_id != 0 && wake_) tx.afterCommit(wake_);
}

} // namespace hearback::deliver
