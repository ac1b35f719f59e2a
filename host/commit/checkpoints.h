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

// Where a reader of a source begins.
struct Beginning {
    std::optional<SavedCheckpoint> checkpoint;
    // Counts the beginnings: what a reader of an earlier one hands over is not stored any more.
    std::int64_t epoch = 0;
};

std::vector<storage::Migration> checkpointMigrations();

class CheckpointLedger final : public pipeline::Ledger {
  public:
    explicit CheckpointLedger(base::Clock& clock) : clock_(clock) {}
    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;

  private:
    base::Clock& clock_;
};

base::Result<std::optional<SavedCheckpoint>> loadCheckpoint(storage::Database& database,
                                                            const std::string& source);
// The same for who is going to read the source from now on, alone.
base::Result<Beginning> beginReading(storage::Database& database, const std::string& source);
// Whether another reader of its source has begun since the one that handed it over.
bool isOvertaken(storage::Transaction& tx, const pipeline::Batch& batch);

} // namespace hearback::commit
