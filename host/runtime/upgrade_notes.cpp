#include "runtime/upgrade_notes.h"

#include "base/log.h"
#include "storage/sql.h"

#include <array>

namespace hearback::runtime {

namespace {

using soci::into;
using soci::use;

constexpr std::array kNames = {"waiting", "on trial", "done", "rolled back", "refused"};

} // namespace

const char* nameOf(UpgradeOutcome outcome) { return kNames[static_cast<std::size_t>(outcome)]; }

storage::Migration upgradeNotesMigration() {
    return {"runtime",
            3,
            {"CREATE TABLE plugin_upgrade (instance TEXT NOT NULL, kind TEXT NOT NULL, "
             "plugin TEXT NOT NULL, from_version TEXT NOT NULL, to_version TEXT NOT NULL, "
             "to_hash TEXT NOT NULL, outcome BIGINT NOT NULL, cause TEXT NOT NULL, "
             "at BIGINT NOT NULL, PRIMARY KEY (kind, instance))"}};
}

void UpgradeNotes::note(UpgradeNote note) {
    note.at = clock_.now();
    const bool went_wrong =
        note.outcome == UpgradeOutcome::RolledBack || note.outcome == UpgradeOutcome::Refused;
    base::log(went_wrong ? base::LogLevel::Warning : base::LogLevel::Info, "runtime",
              std::string("plugin upgrade: ") + nameOf(note.outcome),
              {{"instance", note.instance},
               {"plugin", note.plugin},
               {"from", note.from_version},
               {"to", note.to_version},
               {"cause", note.cause}});
    if (database_ == nullptr) return;
    const auto written = database_->write("note an upgrade", [&](storage::Transaction& tx) {
        const auto outcome = static_cast<long long>(note.outcome);
        const long long at = note.at;
        tx.sql() << "INSERT INTO plugin_upgrade (instance, kind, plugin, from_version, to_version, "
                    "to_hash, outcome, cause, at) VALUES (:i, :k, :p, :f, :t, :h, :o, :c, :a) "
                    "ON CONFLICT (kind, instance) DO UPDATE SET plugin = excluded.plugin, "
                    "from_version = excluded.from_version, to_version = excluded.to_version, "
                    "to_hash = excluded.to_hash, outcome = excluded.outcome, "
                    "cause = excluded.cause, at = excluded.at",
            use(note.instance), use(note.kind), use(note.plugin), use(note.from_version),
            use(note.to_version), use(note.to_hash), use(outcome), use(note.cause), use(at);
    });
    if (!written)
        base::logWarning("runtime", "an upgrade cannot be noted",
                         {{"cause", written.error().message}});
}

base::Result<std::vector<UpgradeNote>> UpgradeNotes::list() const {
    if (database_ == nullptr) return std::vector<UpgradeNote>();
    return database_->query<std::vector<UpgradeNote>>(
        "list upgrades", [](storage::Session& session) {
            std::vector<UpgradeNote> notes;
            UpgradeNote note;
            long long outcome = 0;
            long long at = 0;
            soci::statement select =
                (session.sql().prepare
                     << "SELECT instance, kind, plugin, from_version, to_version, to_hash, "
                        "outcome, cause, at FROM plugin_upgrade ORDER BY kind, instance",
                 into(note.instance), into(note.kind), into(note.plugin), into(note.from_version),
                 into(note.to_version), into(note.to_hash), into(outcome), into(note.cause),
                 into(at));
            select.execute();
            while (select.fetch()) {
                const auto known = static_cast<long long>(kNames.size());
                note.outcome = static_cast<UpgradeOutcome>(outcome < known ? outcome : 0);
                note.at = at;
                notes.push_back(note);
            }
            return notes;
        });
}

} // namespace hearback::runtime
