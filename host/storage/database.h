// The database, as every other room sees it: work to read with, work to write with. Only this room
// knows which engine runs: SQLite in a file, or a PostgreSQL server. Any thread.
//
// Work runs on a session and throws StorageFailure (storage/sql.h) where a statement fails; read()
// and write() catch it: outside, a failure is a value. One write runs at a time, in the order of
// the calls; reads run beside it on a snapshot of their own.
//
// Work may run more than once: from its start again, where a connection was lost or another
// transaction was in the way. What it leaves outside of the database it must set, not add to.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::storage {

class Engine;
class Session;
class Transaction;

// One step of a room's tables. Statements are run one by one; "$id" stands for an integer primary
// key, "$bytes" for binary data, "$clustered" ends a table whose rows lie in the order of its key.
struct Migration {
    std::string_view room;
    int version = 1; // 1, 2, 3, ... within the room
    std::vector<std::string_view> statements;
};

struct DatabaseOptions {
    std::filesystem::path file; // SQLite
    // PostgreSQL: postgresql://user@host:port/database; empty: SQLite.
    std::string url;
    std::string password;
    std::size_t readers = 4;
    // How long work waits: for another process that holds the database, for a session, for a server
    // that is gone to come back.
    base::Micros busy_timeout = 5 * base::kSecond;
    // SQLite; false: the last commits may be undone by a power cut (not by the end of the process).
    // For what can be made again.
    bool flush_each_commit = true;
    // SQLite: memory for pages, of the writer and of each reader.
    std::size_t writer_cache_kib = 32 * 1024;
    std::size_t reader_cache_kib = 8 * 1024;
};

class Database {
  public:
    // Opens or creates the file, or connects with the server, and brings the tables up to date.
    // Refuses a database that a newer version wrote, and leaves it as it is.
    static base::Result<std::unique_ptr<Database>> open(const DatabaseOptions& options,
                                                        std::span<const Migration> migrations);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Runs `work` in one transaction: all of it is durable when this returns without an error, none
    // of it where it returns one. `what` names it in errors: "commit", "key-value". Code::Unclear
    // where the connection was lost in the COMMIT and the server could not be asked in time: then
    // only work that can be done twice may be done again.
    base::Result<void> write(std::string_view what, const std::function<void(Transaction&)>& work);

    // Runs `work` on a snapshot. Busy where no session becomes free in time.
    base::Result<void> read(std::string_view what, const std::function<void(Session&)>& work);

    // read(), for work that gives a value.
    template <class T>
    base::Result<T> query(std::string_view what, const std::function<T(Session&)>& work) {
        T value{};
        const base::Result<void> done =
            read(what, [&](Session& session) { value = work(session); });
        if (!done) return done.error();
        return value;
    }

    const std::filesystem::path& file() const;
    // Whether other hosts may work on it too.
    bool isShared() const;
    // For this room alone.
    Engine& engine();

  private:
    Database();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace hearback::storage
