// What must leave the house: one row for each message and sink, written in the transaction that
// stored the message, sent from there and from nowhere else.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "pipeline/stages.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hearback::deliver {

storage::Migration outboxMigration();

// The numbers are stored.
enum class DeliveryState : std::int64_t { Waiting = 0, Delivered = 1, Dead = 2 };
const char* nameOf(DeliveryState state);

struct OutboxRow {
    std::int64_t id = 0;
    std::int64_t message_id = 0;
    std::int64_t revision = 0;
    std::string sink;
    DeliveryState state = DeliveryState::Waiting;
    std::int64_t attempts = 0;
    base::Micros due_at = 0;
    base::Micros created_at = 0;
    base::Micros done_at = 0;
    std::string remote_id;
    std::string last_error;
};

// A new message goes to the sinks of its route. Its edits and its deletion go to those and to every
// sink that was told of it before, so that no sink keeps what was taken back.
class OutboxLedger final : public pipeline::Ledger {
  public:
    OutboxLedger(storage::Dictionary& dictionary, base::Clock& clock)
        : dictionary_(dictionary), clock_(clock) {}
    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;
    // Called after a commit that wrote rows. Set before the pipeline starts.
    void onRows(std::function<void()> wake) { wake_ = std::move(wake); }

  private:
    storage::Dictionary& dictionary_;
    base::Clock& clock_;
    std::function<void()> wake_;
};

class Outbox {
  public:
    Outbox(storage::Database& database, storage::Dictionary& dictionary, base::Clock& clock)
        : database_(database), dictionary_(dictionary), clock_(clock) {}

    // Takes up to `limit` rows of a sink that are due, for this process alone until `lease` has
    // passed; oldest first.
    base::Result<std::vector<OutboxRow>> claim(const std::string& sink, std::int64_t limit,
                                               base::Micros lease);
    // Takes back every claim. For a process that has just become the only one that delivers:
    // whoever claimed before is gone, and its rows need not wait for the end of their lease.
    base::Result<void> releaseClaims();
    // What became of claimed rows: one transaction for all, with the dead letters of those that
    // were given up (kept by `keep`).
    using Keep = std::function<void(storage::Transaction&, const pipeline::DeadLetter&)>;
    base::Result<void> settle(const std::vector<OutboxRow>& rows, const Keep& keep);
    // When the next row of a sink is due; none where nothing waits.
    base::Result<std::optional<base::Micros>> nextDue(const std::string& sink);

    base::Result<std::vector<OutboxRow>> ofMessage(std::int64_t message_id);
    base::Result<std::int64_t> waiting();
    // Sends a dead row once more. Conflict where it is not dead: it waits or was delivered.
    base::Result<void> retry(std::int64_t id);
    // Random digits made when the database was: they begin the idempotency keys, so that two
    // installations with one remote side do not meet.
    base::Result<std::string> installation(base::Random& random);

  private:
    storage::Database& database_;
    storage::Dictionary& dictionary_;
    base::Clock& clock_;
};

} // namespace hearback::deliver
