// What must leave the house: one row for each message and sink, written in the transaction that
// stored the message, sent from there and from nowhere else. Any thread.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "deliver/outbox_row.h"
#include "pipeline/stages.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hearback::deliver {

// An endpoint that gets nothing until somebody resumes it.
struct Hold {
    base::Micros since = 0;
    std::string cause;
};

// Which deliveries: all that everything given here is true of.
struct DeliveryFilter {
    std::vector<std::int64_t> ids;     // none: any
    std::string sink;                  // or source; empty: any
    std::vector<DeliveryState> states; // none: any
    std::int64_t message_id = 0;       // 0: any
    base::Micros since = 0;            // written then or later
    base::Micros until = 0;            // written before; 0: no end
};

class Outbox {
  public:
    Outbox(storage::Database& database, storage::Dictionary& dictionary, base::Clock& clock)
        : database_(database), dictionary_(dictionary), clock_(clock) {}

    // Takes up to `limit` rows of an endpoint that are due, for this process alone until `lease`
    // has passed; oldest first. Of a conversation only the oldest that waits, so that what is tried
    // again is not overtaken. None while the endpoint is held.
    base::Result<std::vector<OutboxRow>> claim(const Endpoint& endpoint, std::int64_t limit,
                                               base::Micros lease);
    // In whose name claims are made from now on. Before the deliverers start.
    void claimAs(std::string holder) { holder_ = std::move(holder); }
    // Takes back the claims of a holder that is gone.
    base::Result<void> releaseClaims(const std::string& holder);
    // Takes back every claim. For a process that has just become the only one that delivers:
    // whoever claimed before is gone, and its rows need not wait for the end of their lease.
    base::Result<void> releaseClaims();
    // What became of claimed rows: one transaction for all, with the dead letters of those that
    // were given up (kept by `keep`). Gives how many were noted: a row whose claim has ended is
    // left to whoever has it now.
    using Keep = std::function<void(storage::Transaction&, const pipeline::DeadLetter&)>;
    base::Result<std::size_t> settle(const std::vector<OutboxRow>& rows, const Keep& keep);
    // When the next row of an endpoint is due; none where nothing waits, or it is held.
    base::Result<std::optional<base::Micros>> nextDue(const Endpoint& endpoint);

    base::Result<void> hold(const Endpoint& endpoint, const std::string& cause);
    // NotFound where it is not held.
    base::Result<void> resume(const Endpoint& endpoint);
    base::Result<std::optional<Hold>> holdOf(const Endpoint& endpoint);

    // The newest that match, at most `limit`.
    base::Result<std::vector<OutboxRow>> list(const DeliveryFilter& filter, std::int64_t limit);
    base::Result<std::vector<OutboxRow>> ofMessage(std::int64_t message_id);
    base::Result<std::int64_t> count(DeliveryState state);
    // Sends once more what was given up, cancelled, unclear or delivered; gives how many. What was
    // delivered gets a key of its own: under the old one it would be taken for a repeat.
    base::Result<std::int64_t> retry(const DeliveryFilter& filter);
    // Takes back what waits and is not under way; gives how many.
    base::Result<std::int64_t> cancel(const DeliveryFilter& filter);
    // Random digits made when the database was: they begin the idempotency keys, so that two
    // installations with one remote side do not meet.
    base::Result<std::string> installation(base::Random& random);

  private:
    storage::Database& database_;
    storage::Dictionary& dictionary_;
    base::Clock& clock_;
    std::string holder_;
};

} // namespace hearback::deliver
