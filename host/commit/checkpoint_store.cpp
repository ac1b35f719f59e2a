#include "commit/checkpoints.h"
#include "storage/sql.h"

namespace hearback::commit {

namespace {

struct UpsertCheckpoint {
    std::string source;
    std::string plugin;
    std::string data;
    long long saved_at = 0;
    soci::statement statement;
    explicit UpsertCheckpoint(soci::session& sql)
        : statement((sql.prepare << "INSERT INTO checkpoint (source, plugin, data, saved_at) "
                                    "VALUES (:source, :plugin, :data, :saved_at) "
                                    "ON CONFLICT (source) DO UPDATE SET plugin = excluded.plugin, "
                                    "data = excluded.data, saved_at = excluded.saved_at",
                     soci::use(source), soci::use(plugin), storage::useBytes(sql, data),
                     soci::use(saved_at))) {}
};

struct SelectEpoch {
    std::string source;
    long long epoch = 0;
    soci::statement statement;
    explicit SelectEpoch(soci::session& sql)
        : statement((sql.prepare << "SELECT epoch FROM source_reader WHERE source = :source",
                     soci::into(epoch), soci::use(source))) {}
};

std::optional<SavedCheckpoint> select(storage::Session& session, const std::string& source) {
    SavedCheckpoint found;
    found.source = source;
    long long saved_at = 0;
    session.sql() << "SELECT plugin, data, saved_at FROM checkpoint WHERE source = :source",
        soci::into(found.plugin), storage::intoBytes(session.sql(), found.data),
        soci::into(saved_at), soci::use(source);
    if (!session.sql().got_data()) return std::nullopt;
    found.saved_at = saved_at;
    return found;
}

} // namespace

std::vector<storage::Migration> checkpointMigrations() {
    return {{"commit",
             1,
             {"CREATE TABLE checkpoint (source TEXT NOT NULL PRIMARY KEY, plugin TEXT NOT NULL, "
              "data $bytes NOT NULL, saved_at BIGINT NOT NULL)"}},
            {"commit",
             2,
             // How often somebody began to read a source.
             {"CREATE TABLE source_reader (source TEXT NOT NULL PRIMARY KEY, "
              "epoch BIGINT NOT NULL)"}}};
}

void CheckpointLedger::write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) {
    auto& upsert = tx.kept<UpsertCheckpoint>();
    for (const pipeline::Batch& batch : group) {
        if (!batch.checkpoint) continue;
        upsert.source = batch.source;
        upsert.plugin = batch.plugin;
        upsert.data = *batch.checkpoint;
        upsert.saved_at = clock_.now();
        upsert.statement.execute(true);
    }
}

base::Result<std::optional<SavedCheckpoint>> loadCheckpoint(storage::Database& database,
                                                            const std::string& source) {
    return database.query<std::optional<SavedCheckpoint>>(
        "load a checkpoint", [&](storage::Session& session) { return select(session, source); });
}

base::Result<Beginning> beginReading(storage::Database& database, const std::string& source) {
    Beginning beginning;
    const auto written = database.write("begin reading", [&](storage::Transaction& tx) {
        tx.sql() << "INSERT INTO source_reader (source, epoch) VALUES (:source, 1) "
                    "ON CONFLICT (source) DO UPDATE SET epoch = source_reader.epoch + 1",
            soci::use(source);
        long long epoch = 0;
        tx.sql() << "SELECT epoch FROM source_reader WHERE source = :source", soci::into(epoch),
            soci::use(source);
        beginning = {select(tx.session(), source), epoch};
    });
    if (!written) return written.error();
    return beginning;
}

bool isOvertaken(storage::Transaction& tx, const pipeline::Batch& batch) {
    if (batch.reader_epoch == 0) return false;
    auto& select = tx.kept<SelectEpoch>();
    select.source = batch.source;
    return storage::selectOne(select.statement) && select.epoch > batch.reader_epoch;
}

} // namespace hearback::commit
