#include "storage/table.h"

#include "storage/engine.h"

#include <algorithm>

namespace hearback::storage {

namespace {

ColumnType typeOf(const std::string& declared) {
    if (declared == "BLOB") return ColumnType::Bytes;
    return declared == "TEXT" ? ColumnType::Text : ColumnType::Integer;
}

std::vector<Column> columnsOf(Session& sqlite, const std::string& table) {
    std::vector<Column> columns;
    std::string name;
    std::string type;
    soci::statement select =
        (sqlite.sql().prepare << "SELECT name, type FROM pragma_table_info(:t) ORDER BY cid",
         soci::use(table), soci::into(name), soci::into(type));
    select.execute();
    while (select.fetch()) columns.push_back({name, typeOf(type)});
    return columns;
}

} // namespace

std::string columnList(const Table& table) {
    std::string list;
    for (const Column& column : table.columns) list += (list.empty() ? "" : ", ") + column.name;
    return list;
}

std::vector<Table> tablesIn(Session& sqlite) {
    std::vector<Table> tables;
    std::string name;
    soci::statement select = (sqlite.sql().prepare << "SELECT name FROM sqlite_master "
                                                      "WHERE type = 'table' ORDER BY name",
                              soci::into(name));
    select.execute();
    while (select.fetch()) tables.push_back({name, {}});
    for (Table& table : tables) table.columns = columnsOf(sqlite, table.name);
    return tables;
}

// The migrations themselves are the catalogue: they are run on a database in memory, which then
// says what they made, whatever the engine of the real one.
std::vector<Table> tablesOf(std::span<const Migration> migrations) {
    DatabaseOptions options;
    options.file = ":memory:";
    Session session;
    sqliteEngine(options)->connect(session, Role::Writer);
    Transaction tx(session);
    migrate(tx, migrations, kSqlite);
    return tablesIn(session);
}

} // namespace hearback::storage
