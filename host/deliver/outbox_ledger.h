// Writes the rows of a message in the transaction that stores it.
#pragma once

#include "base/clock.h"
#include "pipeline/stages.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include <functional>

namespace hearback::deliver {

std::vector<storage::Migration> outboxMigrations();

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

} // namespace hearback::deliver
