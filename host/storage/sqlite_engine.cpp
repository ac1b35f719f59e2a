// The embedded engine. SQLite in WAL mode, every commit flushed to the disk.
#include "storage/engine.h"
#include "storage/rows.h"
#include "storage/sqlite_once.h"

// After SOCI's own headers; <sqlite3.h> itself must not be seen in this file.
#include <soci/sqlite3/soci-sqlite3.h>

namespace hearback::storage {

namespace {

// Result codes of https://www.sqlite.org/rescode.html, without their extension.
base::Code codeOf(int result) {
    switch (result & 0xff) {
    case 5:                                  // SQLITE_BUSY
    case 6: return base::Code::Busy;         // SQLITE_LOCKED
    case 13: return base::Code::Full;        // SQLITE_FULL
    case 10:                                 // SQLITE_IOERR: often a full disk or a quota
    case 8:                                  // SQLITE_READONLY
    case 14: return base::Code::Unavailable; // SQLITE_CANTOPEN
    case 11:                                 // SQLITE_CORRUPT
    case 26: return base::Code::Corrupt;     // SQLITE_NOTADB
    case 19: return base::Code::Conflict;    // SQLITE_CONSTRAINT
    default: return base::Code::Internal;
    }
}

std::string explain(base::Code code) {
    switch (code) {
    case base::Code::Busy: return "another process holds the database";
    case base::Code::Full: return "the disk is full";
    case base::Code::Unavailable: return "the file cannot be read or written (rights? disk full?)";
    case base::Code::Corrupt: return "the file is damaged or no SQLite database";
    case base::Code::Conflict: return "a constraint was violated";
    default: return "the statement failed";
    }
}

class SqliteEngine final : public Engine {
  public:
    explicit SqliteEngine(const DatabaseOptions& options) : options_(options) {
        configureSqliteOnce();
    }

    const Dialect& dialect() const override { return kSqlite; }
    bool isShared() const override { return false; }
    std::string name() const override { return options_.file.string(); }

    void connect(Session& session, Role role) override;
    void liftLimits(Session&) override {}

    void beginWrite(Session& session) override;
    void beginRead(Session& session) override { session.sql() << "BEGIN"; }
    void commit(Session& session) override { session.sql() << "COMMIT"; }
    void rollBack(Session& session) override;
    std::optional<bool> wasCommitted(Session&) override { return std::nullopt; }

    void readRows(Session& session, const Table& table, const EachRow& each) override {
        readSqliteRows(session, table, each);
    }
    std::unique_ptr<RowWriter> writeRows(Session& session, const Table& table) override {
        return sqliteRowWriter(session, table);
    }

    Failure toFailure(const soci::soci_error& error, std::string_view what,
                      Session& session) const override;

  private:
    void settleLog(Session& session);

    DatabaseOptions options_;
    bool is_log_settled_ = false;
};

void SqliteEngine::connect(Session& session, Role role) {
    const std::string file = options_.file.string();
    if (file.find('"') != std::string::npos)
        throw StorageFailure({base::Code::Invalid, "the path of the database contains a quote"});
    std::error_code error;
    if (options_.file.has_parent_path())
        std::filesystem::create_directories(options_.file.parent_path(), error);
    if (error)
        throw StorageFailure({base::Code::Unavailable, "cannot create the folder " +
                                                           options_.file.parent_path().string() +
                                                           ": " + error.message()});
    const auto seconds = std::max<base::Micros>(1, options_.busy_timeout / base::kSecond);
    auto& sql = session.sql();
    sql.open(*soci::factory_sqlite3(),
             "dbname=\"" + file + "\" timeout=" + std::to_string(seconds));
    std::string mode;
    sql << "PRAGMA journal_mode=WAL", soci::into(mode);
    sql << (options_.flush_each_commit ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    const bool is_writer = role == Role::Writer;
    const auto kib = is_writer ? options_.writer_cache_kib : options_.reader_cache_kib;
    sql << "PRAGMA cache_size=-" + std::to_string(kib);
    // 16 MiB of log between two checkpoints: a bulk import writes each page once, not four times.
    if (is_writer) sql << "PRAGMA wal_autocheckpoint=4096";
}

// IMMEDIATE: a transaction that reads first and writes later fails at once where another one wrote
// in between, without waiting.
void SqliteEngine::beginWrite(Session& session) {
    if (!is_log_settled_) settleLog(session);
    session.sql() << "BEGIN IMMEDIATE";
}

// A process that crashed between a write and its flush leaves a commit in the log that is read back
// and was never flushed. Should a later flush fail, Linux drops such pages for good, and with this
// commit all that follow it in the log. So it goes into the database itself before anything is
// built on it; where another process is at it, that one has the log in its hands.
void SqliteEngine::settleLog(Session& session) {
    long long busy = 0;
    session.sql() << "PRAGMA wal_checkpoint(PASSIVE)", soci::into(busy);
    is_log_settled_ = true;
}

void SqliteEngine::rollBack(Session& session) {
    // A failed statement may have ended the transaction already.
    try {
        session.forgetStatements();
        session.sql() << "ROLLBACK";
    } catch (const soci::soci_error&) {
        return;
    }
}

// SOCI's what() carries bound values, which may be a person's words: it is never used.
Failure SqliteEngine::toFailure(const soci::soci_error& error, std::string_view what,
                                Session&) const {
    int result = 1;
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
        result = sqlite->result();
    const base::Code code = codeOf(result);
    return {{code, std::string(what) + ": " + explain(code) + " (" + name() + ", SQLite code " +
                       std::to_string(result) + ")"}};
}

} // namespace

std::unique_ptr<Engine> sqliteEngine(const DatabaseOptions& options) {
    return std::make_unique<SqliteEngine>(options);
}

} // namespace hearback::storage
