// What the engines do differently; database.cpp does the rest. For this room alone.
#pragma once

#include "storage/database.h"
#include "storage/migrations.h"
#include "storage/sql.h"
#include "storage/table.h"

#include <memory>
#include <optional>
#include <string_view>

namespace hearback::storage {

// The advisory lock that each write on PostgreSQL holds: "hearback", in ASCII.
inline constexpr long long kWriteLock = 0x686561726261636b;

enum class Role { Writer, Reader };

// A statement failed: the error for the caller, and what else can be done about it.
struct Failure {
    enum class Next {
        GiveUp,   // the caller decides
        Repeat,   // another transaction was in the way: the same work may succeed at once
        Reconnect // the connection is gone, and with it the transaction
    };
    base::Error error;
    Next next = Next::GiveUp;
};

class Engine {
  public:
    Engine() = default;
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    virtual ~Engine() = default;

    virtual const Dialect& dialect() const = 0;
    virtual bool isShared() const = 0;
    // What a person knows the database by; no secrets.
    virtual std::string name() const = 0;

    // Opens a session that is not connected. Throws StorageFailure or SOCI's errors.
    virtual void connect(Session& session, Role role) = 0;
    // Of the transaction under way: takes off the limits on how long it may run or rest.
    virtual void liftLimits(Session& session) = 0;

    virtual void beginWrite(Session& session) = 0;
    virtual void beginRead(Session& session) = 0;
    virtual void commit(Session& session) = 0;
    // Never throws; a session that cannot be used any more is not connected afterwards.
    virtual void rollBack(Session& session) = 0;
    // Of the last write, whose COMMIT was lost on the way: whether it was made. None: not known.
    virtual std::optional<bool> wasCommitted(Session& session) = 0;

    // All rows of a table, in no order, and many rows into one; within a transaction.
    virtual void readRows(Session& session, const Table& table, const EachRow& each) = 0;
    virtual std::unique_ptr<RowWriter> writeRows(Session& session, const Table& table) = 0;

    // The one place where an engine's errors become ours.
    virtual Failure toFailure(const soci::soci_error& error, std::string_view what,
                              Session& session) const = 0;
};

std::unique_ptr<Engine> sqliteEngine(const DatabaseOptions& options);
std::unique_ptr<Engine> postgresEngine(const DatabaseOptions& options);

} // namespace hearback::storage
