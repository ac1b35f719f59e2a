#include "storage/migrations.h"

#include "storage/sql.h"

#include <algorithm>
#include <map>

namespace hearback::storage {

namespace {

void replaceAll(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

std::map<std::string, long long> storedVersions(soci::session& sql) {
    std::map<std::string, long long> versions;
    std::string room;
    long long version = 0;
    soci::statement select = (sql.prepare << "SELECT room, version FROM schema_version",
                              soci::into(room), soci::into(version));
    select.execute();
    while (select.fetch()) versions[room] = version;
    return versions;
}

void refuseNewer(const std::map<std::string, long long>& stored,
                 std::span<const Migration> migrations) {
    for (const auto& [room, version] : stored) {
        long long known = 0;
        for (const Migration& migration : migrations)
            if (migration.room == room) known = std::max<long long>(known, migration.version);
        if (version <= known) continue;
        throw StorageFailure({base::Code::Unsupported,
                              "the database was written by a newer Hearback: its tables \"" + room +
                                  "\" have version " + std::to_string(version) +
                                  ", this one knows " + std::to_string(known) +
                                  "; run the newer one, or restore a backup made before it"});
    }
}

} // namespace

std::string inDialect(std::string_view statement, const Dialect& dialect) {
    std::string text(statement);
    replaceAll(text, "$id", dialect.id);
    replaceAll(text, "$bytes", dialect.bytes);
    replaceAll(text, "$clustered", dialect.clustered);
    return text;
}

bool isUpToDate(Session& session, std::span<const Migration> migrations) {
    std::map<std::string, long long> stored;
    try {
        stored = storedVersions(session.sql());
    } catch (const soci::soci_error&) {
        return false; // there is no table yet
    }
    refuseNewer(stored, migrations);
    return std::all_of(migrations.begin(), migrations.end(), [&](const Migration& migration) {
        return migration.version <= stored[std::string(migration.room)];
    });
}

void migrate(Transaction& tx, std::span<const Migration> migrations, const Dialect& dialect) {
    soci::session& sql = tx.sql();
    sql << "CREATE TABLE IF NOT EXISTS schema_version "
           "(room TEXT NOT NULL PRIMARY KEY, version BIGINT NOT NULL)";
    auto stored = storedVersions(sql);
    refuseNewer(stored, migrations);
    for (const Migration& migration : migrations) {
        const std::string room(migration.room);
        if (migration.version <= stored[room]) continue;
        for (const std::string_view statement : migration.statements)
            sql << inDialect(statement, dialect);
        const long long version = migration.version;
        sql << "INSERT INTO schema_version (room, version) VALUES (:room, :version) "
               "ON CONFLICT (room) DO UPDATE SET version = excluded.version",
            soci::use(room), soci::use(version);
        stored[room] = version;
    }
}

} // namespace hearback::storage
