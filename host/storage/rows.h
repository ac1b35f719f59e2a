// Rows in bulk, past SOCI, whose values are bound one column at a time; what engine.h promises
// with them. For this room alone. Failures are thrown as SOCI's errors, as of any statement.
#pragma once

#include "storage/sql.h"
#include "storage/table.h"

namespace hearback::storage {

void readSqliteRows(Session& session, const Table& table, const EachRow& each);
std::unique_ptr<RowWriter> sqliteRowWriter(Session& session, const Table& table);

void readPostgresRows(Session& session, const Table& table, const EachRow& each);
std::unique_ptr<RowWriter> postgresRowWriter(Session& session, const Table& table);

} // namespace hearback::storage
