// The embedded engine. SQLite in WAL mode, every commit flushed to the disk, one writing session.
#include "base/log.h"
#include "storage/database.h"
#include "storage/fair_lock.h"
#include "storage/migrations.h"
#include "storage/sql.h"

// After SOCI's own headers; <sqlite3.h> itself must not be seen in this file.
#include <soci/sqlite3/soci-sqlite3.h>

#include <condition_variable>
#include <deque>
#include <mutex>

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

// SOCI's what() carries bound values, which may be a person's words: it is never used.
base::Error toError(const soci::soci_error& error, std::string_view what,
                    const std::filesystem::path& file) {
    int result = 1;
    if (const auto* sqlite = dynamic_cast<const soci::sqlite3_soci_error*>(&error))
        result = sqlite->result();
    const base::Code code = codeOf(result);
    return {code, std::string(what) + ": " + explain(code) + " (" + file.string() +
                      ", SQLite code " + std::to_string(result) + ")"};
}

// Runs `work`; whatever is thrown becomes an Error.
base::Result<void> caught(std::string_view what, const std::filesystem::path& file,
                          const std::function<void()>& work) {
    try {
        work();
        return {};
    } catch (const StorageFailure& failure) {
        return failure.error();
    } catch (const soci::soci_error& error) {
        return toError(error, what, file);
    } catch (const std::exception& error) {
        return base::Error{base::Code::Internal, std::string(what) + ": " + error.what()};
    }
}

void rollBack(Session& session) {
    // A failed statement may have ended the transaction already.
    try {
        session.forgetStatements();
        session.sql() << "ROLLBACK";
    } catch (const soci::soci_error&) {
        return;
    }
}

} // namespace

struct Database::Impl {
    DatabaseOptions options;
    FairLock writing;
    Session writer;
    std::mutex mutex;
    std::condition_variable freed;
    std::deque<Session> readers;
    std::vector<Session*> free;

    void open(Session& session, bool is_writer);
    Session* lease();
    void giveBack(Session* session);
};

void Database::Impl::open(Session& session, bool is_writer) {
    if (options.file.string().find('"') != std::string::npos)
        throw StorageFailure({base::Code::Invalid, "the path of the database contains a quote"});
    const auto seconds = std::max<base::Micros>(1, options.busy_timeout / base::kSecond);
    session.sql().open(*soci::factory_sqlite3(), "dbname=\"" + options.file.string() +
                                                     "\" timeout=" + std::to_string(seconds));
    auto& sql = session.sql();
    std::string mode;
    sql << "PRAGMA journal_mode=WAL", soci::into(mode);
    sql << (options.flush_each_commit ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    const auto kib = is_writer ? options.writer_cache_kib : options.reader_cache_kib;
    sql << "PRAGMA cache_size=-" + std::to_string(kib);
    // 16 MiB of log between two checkpoints: a bulk import writes each page once, not four times.
    if (is_writer) sql << "PRAGMA wal_autocheckpoint=4096";
    if (!is_writer && !options.attached_name.empty()) {
        const std::string path = options.attached_file.string();
        sql << "ATTACH DATABASE :path AS " + options.attached_name, soci::use(path);
    }
}

Session* Database::Impl::lease() {
    std::unique_lock lock(mutex);
    const auto patience = std::chrono::microseconds(options.busy_timeout);
    if (!freed.wait_for(lock, patience, [&] { return !free.empty(); })) return nullptr;
    Session* session = free.back();
    free.pop_back();
    return session;
}

void Database::Impl::giveBack(Session* session) {
    {
        const std::lock_guard lock(mutex);
        free.push_back(session);
    }
    freed.notify_one();
}

Database::Database() : impl_(std::make_unique<Impl>()) {}
Database::~Database() = default;

const std::filesystem::path& Database::file() const { return impl_->options.file; }

base::Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options,
                                                       std::span<const Migration> migrations) {
    std::unique_ptr<Database> database(new Database);
    Impl& impl = *database->impl_;
    impl.options = options;
    std::error_code error;
    std::filesystem::create_directories(options.file.parent_path(), error);
    if (error)
        return base::Error{base::Code::Unavailable, "cannot create the folder " +
                                                        options.file.parent_path().string() + ": " +
                                                        error.message()};
    const auto opened =
        caught("open the database", options.file, [&] { impl.open(impl.writer, true); });
    if (!opened) return opened.error();
    // Looked at first: what only reads must not wait for another process that writes.
    bool is_current = false;
    const auto looked = caught("look at the database", options.file,
                               [&] { is_current = isUpToDate(impl.writer, migrations); });
    if (!looked) return looked.error();
    if (!is_current) {
        const auto migrated = database->write(
            "migrate the database", [&](Transaction& tx) { migrate(tx, migrations, kSqlite); });
        if (!migrated) return migrated.error();
    }
    const auto readers = caught("open the database", options.file, [&] {
        for (std::size_t i = 0; i < options.readers; ++i) {
            impl.open(impl.readers.emplace_back(), false);
            impl.free.push_back(&impl.readers.back());
        }
    });
    if (!readers) return readers.error();
    return database;
}

base::Result<void> Database::write(std::string_view what,
                                   const std::function<void(Transaction&)>& work) {
    Impl& impl = *impl_;
    std::vector<std::function<void()>> then;
    {
        const FairLock::Guard guard(impl.writing);
        bool begun = false;
        const auto done = caught(what, impl.options.file, [&] {
            // IMMEDIATE: a transaction that reads first and writes later fails at once where
            // another one wrote in between, without waiting.
            impl.writer.sql() << "BEGIN IMMEDIATE";
            begun = true;
            Transaction tx(impl.writer);
            work(tx);
            impl.writer.sql() << "COMMIT";
            then = tx.takeCallbacks();
        });
        if (!done) {
            if (begun) rollBack(impl.writer);
            return done.error();
        }
    }
    for (const auto& callback : then) callback();
    return {};
}

base::Result<void> Database::read(std::string_view what,
                                  const std::function<void(Session&)>& work) {
    Impl& impl = *impl_;
    Session* session = impl.lease();
    if (session == nullptr)
        return base::Error{base::Code::Busy,
                           std::string(what) + ": no database session became free in time"};
    auto done = caught(what, impl.options.file, [&] {
        session->sql() << "BEGIN";
        work(*session);
        session->sql() << "COMMIT";
    });
    if (!done) rollBack(*session);
    impl.giveBack(session);
    return done;
}

} // namespace hearback::storage
