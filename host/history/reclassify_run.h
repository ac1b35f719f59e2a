// How far a reclassification has come: kept in the store, written in the transaction that stores
// what it changed. There is one at a time.
#pragma once

#include "pipeline/stages.h"
#include "storage/database.h"

#include "hearback/v1/history.pb.h"

#include <optional>

namespace hearback::history {

storage::Migration runMigration();

// The last one, ended or not.
base::Result<std::optional<v1::ReclassifyRun>> loadRun(storage::Database& database);

// The checkpoints of a reclassification's batches are encoded runs.
class RunLedger final : public pipeline::Ledger {
  public:
    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;
};

} // namespace hearback::history
