#include "storage/rows.h"

#include <soci/postgresql/soci-postgresql.h>

#include <memory>

namespace hearback::storage {

namespace {

// Rows fetched at once: a message may be large.
constexpr int kFetched = 500;
// Bytes handed over at once.
constexpr std::size_t kHandedOver = 256 * 1024;

PGconn* libpqOf(Session& session) {
    return static_cast<soci::postgresql_session_backend*>(session.sql().get_backend())->conn_;
}

using Answer = std::unique_ptr<PGresult, decltype(&PQclear)>;

Answer expect(ExecStatusType wanted, PGresult* result) {
    Answer answer(result, &PQclear);
    if (PQresultStatus(result) == wanted) return answer;
    const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    throw soci::postgresql_soci_error("rows", state == nullptr ? "08000" : state);
}

// Numbers are sent with the highest byte first.
void appendNumber(std::string& out, std::uint64_t number, int bytes) {
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
        out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xffU);
}

std::int64_t readNumber(std::string_view bytes) {
    std::uint64_t number = 0;
    for (const char c : bytes) number = number << 8U | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(number);
}

Value valueAt(const PGresult* rows, int row, int column, ColumnType type) {
    if (PQgetisnull(rows, row, column) != 0)
        throw StorageFailure({base::Code::Corrupt, "a column holds nothing where none may"});
    const std::string_view bytes(PQgetvalue(rows, row, column),
                                 static_cast<std::size_t>(PQgetlength(rows, row, column)));
    if (type == ColumnType::Integer) return {readNumber(bytes), {}};
    return {0, bytes};
}

// COPY in its binary form, in which no byte has a meaning:
// https://www.postgresql.org/docs/15/sql-copy.html#id-1.9.3.55.9.4
class PostgresRowWriter final : public RowWriter {
  public:
    PostgresRowWriter(Session& session, const Table& table)
        : table_(table), connection_(libpqOf(session)) {
        const std::string copy =
            "COPY " + table.name + " (" + columnList(table) + ") FROM STDIN (FORMAT binary)";
        expect(PGRES_COPY_IN, PQexec(connection_, copy.c_str()));
        is_open_ = true;
        waiting_.assign("PGCOPY\n\377\r\n\0", 11);
        appendNumber(waiting_, 0, 4); // flags
        appendNumber(waiting_, 0, 4); // length of what may follow the flags
    }
    // The connection takes nothing else until the COPY has ended.
    ~PostgresRowWriter() override {
        if (!is_open_) return;
        PQputCopyEnd(connection_, "given up");
        while (PGresult* result = PQgetResult(connection_)) PQclear(result);
    }

    void add(const Row& row) override {
        appendNumber(waiting_, row.size(), 2);
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool is_number = table_.columns[i].type == ColumnType::Integer;
            appendNumber(waiting_, is_number ? 8 : row[i].bytes.size(), 4);
            if (is_number)
                appendNumber(waiting_, static_cast<std::uint64_t>(row[i].number), 8);
            else
                waiting_ += row[i].bytes;
        }
        if (waiting_.size() >= kHandedOver) handOver();
    }

    void finish() override {
        appendNumber(waiting_, 0xffff, 2);
        handOver();
        if (PQputCopyEnd(connection_, nullptr) != 1) throwLost();
        is_open_ = false;
        const Answer answer = expect(PGRES_COMMAND_OK, PQgetResult(connection_));
        while (PGresult* result = PQgetResult(connection_)) PQclear(result);
    }

  private:
    void handOver() {
        if (PQputCopyData(connection_, waiting_.data(), static_cast<int>(waiting_.size())) != 1)
            throwLost();
        waiting_.clear();
    }
    [[noreturn]] static void throwLost() { throw soci::postgresql_soci_error("rows", "08000"); }

    Table table_;
    PGconn* connection_;
    bool is_open_ = false;
    std::string waiting_;
};

} // namespace

void readPostgresRows(Session& session, const Table& table, const EachRow& each) {
    PGconn* connection = libpqOf(session);
    const std::string declare =
        "DECLARE all_rows NO SCROLL CURSOR FOR SELECT " + columnList(table) + " FROM " + table.name;
    expect(PGRES_COMMAND_OK, PQexec(connection, declare.c_str()));
    const std::string fetch = "FETCH " + std::to_string(kFetched) + " FROM all_rows";
    Row row(table.columns.size());
    for (;;) {
        const Answer rows =
            expect(PGRES_TUPLES_OK, PQexecParams(connection, fetch.c_str(), 0, nullptr, nullptr,
                                                 nullptr, nullptr, 1));
        const int count = PQntuples(rows.get());
        for (int i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < row.size(); ++j)
                row[j] = valueAt(rows.get(), i, static_cast<int>(j), table.columns[j].type);
            each(row);
        }
        if (count < kFetched) break;
    }
    expect(PGRES_COMMAND_OK, PQexec(connection, "CLOSE all_rows"));
}

std::unique_ptr<RowWriter> postgresRowWriter(Session& session, const Table& table) {
    return std::make_unique<PostgresRowWriter>(session, table);
}

} // namespace hearback::storage
