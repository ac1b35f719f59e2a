// How far each source was read, kept in the transaction that stores what was read.
#pragma once

#include "base/clock.h"
#include "pipeline/stages.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace hearback::commit {

struct SavedCheckpoint {
    std::string source;
    std::string plugin;
    std::string data;
    base::Micros saved_at = 0;
};

storage::Migration checkpointMigration();

class CheckpointLedger final : public pipeline::Ledger {
  public:
    explicit CheckpointLedger(base::Clock& clock) : clock_(clock) {}
    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;

  private:
    base::Clock& clock_;
};

base::Result<std::optional<SavedCheckpoint>> loadCheckpoint(storage::Database& database,
                                                            const std::string& source);

} // namespace hearback::commit
