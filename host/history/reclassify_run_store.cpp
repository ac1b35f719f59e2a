#include "history/reclassify_run.h"
#include "storage/sql.h"

#include <string>

namespace hearback::history {

storage::Migration runMigration() {
    // One row, number 1.
    return {"history", 1, {"CREATE TABLE reclassify_run (id $id, run $bytes NOT NULL)"}};
}

base::Result<std::optional<v1::ReclassifyRun>> loadRun(storage::Database& database) {
    return database.query<std::optional<v1::ReclassifyRun>>(
        "load a reclassification",
        [](storage::Session& session) -> std::optional<v1::ReclassifyRun> {
            std::string bytes;
            session.sql() << "SELECT run FROM reclassify_run WHERE id = 1",
                storage::intoBytes(session.sql(), bytes);
            if (!session.sql().got_data()) return std::nullopt;
            v1::ReclassifyRun run;
            if (!run.ParseFromString(bytes))
                throw storage::StorageFailure(
                    {base::Code::Corrupt, "the last reclassification cannot be read from its row: "
                                          "begin anew with --restart"});
            return run;
        });
}

void RunLedger::write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) {
    for (const pipeline::Batch& batch : group) {
        if (!batch.checkpoint) continue;
        const long long id = 1;
        const std::string& run = *batch.checkpoint;
        tx.sql() << "INSERT INTO reclassify_run (id, run) VALUES (:id, :run) "
                    "ON CONFLICT (id) DO UPDATE SET run = excluded.run",
            soci::use(id), storage::useBytes(tx.sql(), run);
    }
}

} // namespace hearback::history
