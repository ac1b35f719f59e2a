#include "storage/rows.h"

// <sqlite3.h> itself must not be seen in this file.
#include <soci/sqlite3/soci-sqlite3.h>

namespace hearback::storage {

namespace {

using namespace sqlite_api;

sqlite3* sqliteOf(Session& session) {
    return static_cast<soci::sqlite3_session_backend*>(session.sql().get_backend())->conn_;
}

class Prepared {
  public:
    Prepared(Session& session, const std::string& sql) : connection_(sqliteOf(session)) {
        expect(SQLITE_OK, sqlite3_prepare_v2(connection_, sql.c_str(), -1, &statement_, nullptr));
    }
    ~Prepared() { sqlite3_finalize(statement_); }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    sqlite3_stmt* get() const { return statement_; }
    void expect(int wanted, int result) const {
        if (result != wanted) throw soci::sqlite3_soci_error("rows", result);
    }

  private:
    sqlite3* connection_;
    sqlite3_stmt* statement_ = nullptr;
};

Value valueAt(sqlite3_stmt* statement, int column, ColumnType type) {
    if (sqlite3_column_type(statement, column) == SQLITE_NULL)
        throw StorageFailure({base::Code::Corrupt, "a column holds nothing where none may"});
    if (type == ColumnType::Integer) return {sqlite3_column_int64(statement, column), {}};
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement, column));
    return {0, bytes == nullptr ? std::string_view() : std::string_view(bytes, size)};
}

class SqliteRowWriter final : public RowWriter {
  public:
    SqliteRowWriter(Session& session, const Table& table)
        : table_(table), insert_(session, "INSERT INTO " + table.name + " (" + columnList(table) +
                                              ") VALUES (" + marks(table.columns.size()) + ")") {}

    void add(const Row& row) override {
        for (std::size_t i = 0; i < row.size(); ++i)
            insert_.expect(SQLITE_OK,
                           bind(static_cast<int>(i) + 1, row[i], table_.columns[i].type));
        insert_.expect(SQLITE_DONE, sqlite3_step(insert_.get()));
        insert_.expect(SQLITE_OK, sqlite3_reset(insert_.get()));
    }
    void finish() override {}

  private:
    static std::string marks(std::size_t count) {
        std::string text = "?";
        for (std::size_t i = 1; i < count; ++i) text += ", ?";
        return text;
    }
    // Bytes are bound as text too, as SOCI does it: to SQLite the same bytes of another type are
    // another value.
    int bind(int at, const Value& value, ColumnType type) {
        if (type == ColumnType::Integer) return sqlite3_bind_int64(insert_.get(), at, value.number);
        // Not a null pointer, which would be NULL.
        const char* bytes = value.bytes.empty() ? "" : value.bytes.data();
        return sqlite3_bind_text(insert_.get(), at, bytes, static_cast<int>(value.bytes.size()),
                                 SQLITE_STATIC);
    }

    Table table_;
    Prepared insert_;
};

} // namespace

void readSqliteRows(Session& session, const Table& table, const EachRow& each) {
    const Prepared select(session, "SELECT " + columnList(table) + " FROM " + table.name);
    Row row(table.columns.size());
    int result = SQLITE_ROW;
    while ((result = sqlite3_step(select.get())) == SQLITE_ROW) {
        for (std::size_t i = 0; i < row.size(); ++i)
            row[i] = valueAt(select.get(), static_cast<int>(i), table.columns[i].type);
        each(row);
    }
    select.expect(SQLITE_DONE, result);
}

std::unique_ptr<RowWriter> sqliteRowWriter(Session& session, const Table& table) {
    return std::make_unique<SqliteRowWriter>(session, table);
}

} // namespace hearback::storage
