// The database, as every other room sees it: work to read with, work to write with. Only this room
// knows which engine runs. Any thread.
//
// Work runs on a session and throws StorageFailure (storage/sql.h) where a statement fails; read()
// and write() catch it: outside, a failure is a value. One write runs at a time, in the order of
// the calls; reads run beside it on a snapshot of their own.
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
    std::filesystem::path file;
    std::size_t readers = 4;
    // How long a write waits for another process that holds the database.
    base::Micros busy_timeout = 5 * base::kSecond;
    // False: the last commits may be undone by a power cut (not by the end of the process). For
    // what can be made again.
    bool flush_each_commit = true;
    // Memory for pages, of the writer and of each reader.
    std::size_t writer_cache_kib = 32 * 1024;
    std::size_t reader_cache_kib = 8 * 1024;
    // A second file that readers see under this name, such as the search index.
    std::string attached_name;
    std::filesystem::path attached_file;
};

class Database {
  public:
    // Opens or creates the file and brings its tables up to date. Refuses a database that a newer
    // version wrote, and leaves it as it is.
    static base::Result<std::unique_ptr<Database>> open(const DatabaseOptions& options,
                                                        std::span<const Migration> migrations);
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // Runs `work` in one transaction: all of it is durable when this returns without an error, none
    // of it where it returns one. `what` names it in errors: "commit", "key-value".
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

  private:
    Database();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace hearback::storage
