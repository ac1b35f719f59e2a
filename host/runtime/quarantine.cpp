#include "runtime/quarantine.h"

#include "storage/sql.h"

namespace hearback::runtime {

namespace {

using soci::into;
using soci::use;

struct Row {
    long long crashes = 0, first_at = 0, quarantined_at = 0, took_host_along = 0;
    std::string instance, plugin, hash, cause;

    template <class Prepare>
    auto intoThis(Prepare&& prepare) {
        return (prepare, into(instance), into(plugin), into(hash), into(crashes), into(first_at),
                into(quarantined_at), into(took_host_along), into(cause));
    }
    QuarantinedInstance entry() const {
        return {instance, plugin, hash, crashes, first_at, quarantined_at, took_host_along != 0,
                cause};
    }
};

constexpr const char* kSelect =
    "SELECT instance, plugin, hash, crashes, first_at, quarantined_at, took_host_along, cause "
    "FROM plugin_quarantine ";

std::optional<Row> load(soci::session& sql, const std::string& instance) {
    Row row;
    soci::statement select =
        (row.intoThis(sql.prepare << std::string(kSelect) + "WHERE instance = :instance"),
         use(instance));
    if (!select.execute(true)) return std::nullopt;
    return row;
}

} // namespace

storage::Migration quarantineMigration() {
    return {"runtime",
            2,
            {"CREATE TABLE plugin_quarantine (instance TEXT NOT NULL PRIMARY KEY, "
             "plugin TEXT NOT NULL, hash TEXT NOT NULL, crashes BIGINT NOT NULL, "
             "first_at BIGINT NOT NULL, quarantined_at BIGINT NOT NULL, "
             "took_host_along BIGINT NOT NULL, cause TEXT NOT NULL)"}};
}

bool Quarantine::note(const std::string& instance, const std::string& plugin,
                      const std::string& hash, const std::string& cause, bool took_host_along) {
    if (database_ == nullptr) return false;
    bool is_last = false;
    const auto written =
        database_->write("note a crash of a plugin", [&](storage::Transaction& tx) {
            const long long now = clock_.now();
            Row row = load(tx.sql(), instance).value_or(Row());
            // Another build of the plugin begins anew, and so does a time without crashes.
            if (row.hash != hash || now - row.first_at > kWindow) row = Row();
            if (row.crashes == 0) row.first_at = now;
            ++row.crashes;
            if (row.crashes >= kCrashesMax && row.quarantined_at == 0) row.quarantined_at = now;
            is_last = row.quarantined_at != 0;
            row.took_host_along = took_host_along ? 1 : row.took_host_along;
            tx.sql() << "INSERT INTO plugin_quarantine (instance, plugin, hash, crashes, first_at, "
                        "quarantined_at, took_host_along, cause) "
                        "VALUES (:i, :p, :h, :n, :f, :q, :t, :c) "
                        "ON CONFLICT (instance) DO UPDATE SET plugin = excluded.plugin, "
                        "hash = excluded.hash, crashes = excluded.crashes, "
                        "first_at = excluded.first_at, "
                        "quarantined_at = excluded.quarantined_at, "
                        "took_host_along = excluded.took_host_along, cause = excluded.cause",
                use(instance), use(plugin), use(hash), use(row.crashes), use(row.first_at),
                use(row.quarantined_at), use(row.took_host_along), use(cause);
        });
    return written && is_last;
}

std::optional<QuarantinedInstance> Quarantine::find(const std::string& instance,
                                                    const std::string& hash) const {
    if (database_ == nullptr) return std::nullopt;
    const auto found = database_->query<std::optional<QuarantinedInstance>>(
        "look for a quarantine",
        [&](storage::Session& session) -> std::optional<QuarantinedInstance> {
            const auto row = load(session.sql(), instance);
            if (!row || row->hash != hash) return std::nullopt;
            return row->entry();
        });
    return found ? *found : std::nullopt;
}

base::Result<std::vector<QuarantinedInstance>> Quarantine::list() const {
    if (database_ == nullptr) return std::vector<QuarantinedInstance>();
    return database_->query<std::vector<QuarantinedInstance>>(
        "list quarantined plugins", [](storage::Session& session) {
            std::vector<QuarantinedInstance> entries;
            Row row;
            soci::statement select = (row.intoThis(
                session.sql().prepare
                << std::string(kSelect) +
                       "WHERE quarantined_at <> 0 OR took_host_along <> 0 ORDER BY instance"));
            select.execute();
            while (select.fetch()) entries.push_back(row.entry());
            return entries;
        });
}

base::Result<bool> Quarantine::release(const std::string& instance) {
    if (database_ == nullptr) return false;
    bool released = false;
    const auto written = database_->write("release a plugin", [&](storage::Transaction& tx) {
        soci::statement remove = (tx.sql().prepare << "DELETE FROM plugin_quarantine WHERE "
                                                      "instance = :i",
                                  use(instance));
        remove.execute(true);
        released = remove.get_affected_rows() > 0;
    });
    if (!written) return written.error();
    return released;
}

} // namespace hearback::runtime
