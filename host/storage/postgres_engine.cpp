// PostgreSQL 13 or newer, for several hosts on one database.
//
// One write runs at a time in all of the database, as with SQLite: each takes the same advisory
// lock first and holds it until it has committed. So ids are given in the order in which they
// become visible (a reader that has seen an id will never meet a smaller one later), words and
// people get one number each, and no two writes can be in each other's way.
#include "storage/engine.h"
#include "storage/postgres_url.h"
#include "storage/rows.h"

#include <soci/postgresql/soci-postgresql.h>

namespace hearback::storage {

namespace {

// Nothing that Hearback asks takes as long, and no transaction rests for as long, on a healthy
// server.
constexpr base::Micros kStatementMax = base::kMinute;
// A host that was stopped in the middle of a write holds up all others for no longer than that.
constexpr base::Micros kIdleInTransactionMax = 2 * base::kSecond;

PGconn* connectionOf(Session& session) {
    return static_cast<soci::postgresql_session_backend*>(session.sql().get_backend())->conn_;
}

std::string inMilliseconds(base::Micros span) {
    return "'" + std::to_string(span / base::kMillisecond) + "'";
}

// Why there is no connection, on one line. No statement has run: libpq's words are of hosts, roles
// and databases.
std::string reasonOf(const soci::soci_error& error) {
    const std::string text = error.what();
    const auto line_end = text.find('\n'); // of SOCI's own words
    std::string reason;
    for (const char c : text.substr(line_end == std::string::npos ? 0 : line_end + 1)) {
        const bool is_space = c == '\n' || c == '\t' || c == ' ';
        if (!is_space)
            reason += c;
        else if (!reason.empty() && reason.back() != ' ')
            reason += ' ';
    }
    if (reason.ends_with(' ')) reason.pop_back();
    return reason;
}

struct Meaning {
    base::Code code;
    const char* text;
    Failure::Next next = Failure::Next::GiveUp;
};

// https://www.postgresql.org/docs/15/errcodes-appendix.html
Meaning meaningOf(const std::string& state) {
    using Next = Failure::Next;
    const std::string group = state.substr(0, 2);
    if (state == "40001" || state == "40P01")
        return {base::Code::Busy, "another transaction was in the way", Next::Repeat};
    if (state == "55P03") return {base::Code::Busy, "another process holds the database"};
    if (state == "57014") return {base::Code::TimedOut, "the statement took too long"};
    // 57P01 to 57P03: the server ends or is not ready yet. 25P03: it waited too long for us.
    if (group == "08" || state.starts_with("57P") || state == "25P03")
        return {base::Code::Unavailable, "the connection was lost", Next::Reconnect};
    if (state == "53100") return {base::Code::Full, "the server's disk is full"};
    if (group == "53" || group == "58")
        return {base::Code::Unavailable, "the server has no room, memory or connection left"};
    if (state == "25006") return {base::Code::Unavailable, "the server takes no writes"};
    if (state == "42501") return {base::Code::Auth, "the role lacks a right"};
    if (group == "23") return {base::Code::Conflict, "a constraint was violated"};
    if (group == "XX") return {base::Code::Corrupt, "the server's data is damaged"};
    return {base::Code::Internal, "the statement failed"};
}

class PostgresEngine final : public Engine {
  public:
    PostgresEngine(const DatabaseOptions& options) : options_(options) {}

    const Dialect& dialect() const override { return kPostgres; }
    bool isShared() const override { return true; }
    std::string name() const override { return target_.name; }

    void connect(Session& session, Role role) override;
    void liftLimits(Session& session) override {
        session.sql() << "SET LOCAL statement_timeout = 0";
        session.sql() << "SET LOCAL idle_in_transaction_session_timeout = 0";
    }

    void beginWrite(Session& session) override;
    // A snapshot for all statements of the reader.
    void beginRead(Session& session) override {
        session.sql() << "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";
    }
    void commit(Session& session) override;
    void rollBack(Session& session) override;
    std::optional<bool> wasCommitted(Session& session) override;

    void readRows(Session& session, const Table& table, const EachRow& each) override {
        readPostgresRows(session, table, each);
    }
    std::unique_ptr<RowWriter> writeRows(Session& session, const Table& table) override {
        return postgresRowWriter(session, table);
    }

    Failure toFailure(const soci::soci_error& error, std::string_view what,
                      Session& session) const override;

  private:
    DatabaseOptions options_;
    PostgresTarget target_;
    std::string last_write_; // the server's number of the transaction
};

void PostgresEngine::connect(Session& session, Role role) {
    const auto target = readPostgresUrl(options_.url, options_.password);
    if (!target) throw StorageFailure(target.error());
    target_ = *target;
    try {
        session.sql().open(*soci::factory_postgresql(), target_.conninfo);
    } catch (const soci::soci_error& error) {
        throw StorageFailure({base::Code::Unavailable,
                              "cannot connect with " + target_.name + ": " + reasonOf(error)});
    }
    PGconn* connection = connectionOf(session);
    // Notices ("table exists, skipping") would go to the terminal.
    PQsetNoticeProcessor(
        connection, [](void*, const char*) {}, nullptr);
    if (PQserverVersion(connection) < 130000)
        throw StorageFailure(
            {base::Code::Unsupported, "the server is older than PostgreSQL 13: " + target_.name});
    if (const char* encoding = PQparameterStatus(connection, "server_encoding");
        encoding != nullptr && std::string_view(encoding) != "UTF8")
        throw StorageFailure(
            {base::Code::Unsupported, std::string("the database is encoded as ") + encoding +
                                          "; make one with ENCODING 'UTF8': " + target_.name});
    const auto patience = role == Role::Writer ? options_.busy_timeout : kStatementMax;
    session.sql() << "SELECT set_config('statement_timeout', " + inMilliseconds(kStatementMax) +
                         ", false), set_config('lock_timeout', " + inMilliseconds(patience) +
                         ", false), set_config('idle_in_transaction_session_timeout', " +
                         inMilliseconds(kIdleInTransactionMax) +
                         ", false), set_config('bytea_output', 'hex', false)";
}

void PostgresEngine::beginWrite(Session& session) {
    auto& sql = session.sql();
    // Each statement sees what was committed before it began: with the lock, all of it.
    sql << "BEGIN ISOLATION LEVEL READ COMMITTED";
    sql << "SELECT pg_advisory_xact_lock(" + std::to_string(kWriteLock) + ")";
    sql << "SELECT CAST(pg_current_xact_id() AS TEXT)", soci::into(last_write_);
}

void PostgresEngine::commit(Session& session) {
    // COMMIT of a failed transaction undoes it and says that all is well.
    if (PQtransactionStatus(connectionOf(session)) == PQTRANS_INERROR)
        throw StorageFailure(
            {base::Code::Internal, "a statement of the transaction failed and nobody said so"});
    session.sql() << "COMMIT";
}

void PostgresEngine::rollBack(Session& session) {
    try {
        if (session.sql().is_connected()) {
            session.sql() << "ROLLBACK";
            session.forgetStatements();
            // Statements that ended while the transaction was broken could not be taken back.
            session.sql() << "DEALLOCATE ALL";
        }
    } catch (const soci::soci_error&) {
        // Whatever it was, a new connection does not have it.
        session.close();
        return;
    }
    if (!session.sql().is_connected()) session.close();
}

std::optional<bool> PostgresEngine::wasCommitted(Session& session) {
    auto& sql = session.sql();
    std::string status;
    soci::indicator known{};
    // The lock first: whoever holds it still may be the transaction in question.
    sql << "BEGIN";
    sql << "SELECT pg_advisory_xact_lock(" + std::to_string(kWriteLock) + ")";
    sql << "SELECT pg_xact_status(CAST(CAST(:id AS TEXT) AS xid8))", soci::into(status, known),
        soci::use(last_write_);
    sql << "COMMIT";
    if (known != soci::i_ok) return std::nullopt;
    return status == "committed";
}

// SOCI's what() and the server's details carry bound values, which may be a person's words: neither
// is ever used.
Failure PostgresEngine::toFailure(const soci::soci_error& error, std::string_view what,
                                  Session& session) const {
    std::string state = "none";
    if (const auto* postgres = dynamic_cast<const soci::postgresql_soci_error*>(&error))
        state = postgres->sqlstate();
    Meaning meaning = meaningOf(state);
    if (!session.sql().is_connected()) meaning = meaningOf("08000");
    return {{meaning.code, std::string(what) + ": " + meaning.text + " (" + target_.name +
                               ", SQLSTATE " + state + ")"},
            meaning.next};
}

} // namespace

std::unique_ptr<Engine> postgresEngine(const DatabaseOptions& options) {
    return std::make_unique<PostgresEngine>(options);
}

} // namespace hearback::storage
