// Counts per hour and per day, kept in the commit: a report reads a few rows, whatever the history.
//
// One cell is (bucket, source, channel, language, topic, sentiment); buckets are hours and days of
// UTC since 1970. A cell counts the messages that are there: an edit moves a message to another
// cell, a deletion takes it out. So the sum over cells always equals a recount of the messages.
#pragma once

#include "pipeline/stages.h"
#include "storage/database.h"

namespace hearback::trends {

storage::Migration rollupMigration();

class RollupLedger final : public pipeline::Ledger {
  public:
    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;
};

} // namespace hearback::trends
