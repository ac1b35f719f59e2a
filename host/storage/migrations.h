// Brings the tables of a database up to date.
#pragma once

#include "storage/database.h"

#include <span>
#include <string>

namespace hearback::storage {

// The words that stand for what the engines spell differently.
struct Dialect {
    std::string_view id;
    std::string_view bytes;
    std::string_view clustered;
};
inline constexpr Dialect kSqlite{"INTEGER PRIMARY KEY", "BLOB", "WITHOUT ROWID"};
inline constexpr Dialect kPostgres{"BIGINT PRIMARY KEY", "BYTEA", ""};

std::string inDialect(std::string_view statement, const Dialect& dialect);

// Whether nothing is missing; reads only. Throws StorageFailure as migrate() does.
bool isUpToDate(Session& session, std::span<const Migration> migrations);

// Runs what is missing, in one transaction; `migrations` are sorted by version within their room.
// Throws StorageFailure where a room's tables are newer than the newest migration.
void migrate(Transaction& tx, std::span<const Migration> migrations, const Dialect& dialect);

} // namespace hearback::storage
