// For the *_store.cpp files that hold a room's SQL, and for nobody else: brings SOCI.
//
// Rules that both engines need: values are long long, double or std::string; times are
// microseconds; booleans are 0 and 1; one statement per call; binary data ("$bytes") goes through
// useBytes() and intoBytes(); text is UTF-8 without zero bytes. A parameter whose type PostgreSQL
// cannot tell from the column beside it is written as CAST(:name AS BIGINT).
#pragma once

#include "base/result.h"

#include <soci/soci.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <typeindex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearback::storage {

// A statement failed; ends the work. Caught by Database::read() and write().
class StorageFailure : public std::exception {
  public:
    explicit StorageFailure(base::Error error) : error_(std::move(error)) {}
    const base::Error& error() const { return error_; }
    const char* what() const noexcept override { return error_.message.c_str(); }

  private:
    base::Error error_;
};

// A session with the database, for one thread at a time.
class Session {
  public:
    Session() = default;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    virtual ~Session() = default;

    soci::session& sql() { return sql_; }

    // A prepared statement with its bound variables: a struct with a constructor that takes
    // soci::session&, made once and kept as long as the session.
    template <class Statement>
    Statement& kept() {
        auto& slot = kept_[typeid(Statement)];
        if (!slot) slot = std::make_shared<Statement>(sql_);
        return *static_cast<Statement*>(slot.get());
    }
    void forgetStatements() { kept_.clear(); }
    // Statements first: they know the connection.
    void close() {
        forgetStatements();
        sql_.close();
    }

  private:
    soci::session sql_;
    std::unordered_map<std::type_index, std::shared_ptr<void>> kept_;
};

// What write() hands to its work.
class Transaction {
  public:
    explicit Transaction(Session& session) : session_(session) {}

    soci::session& sql() { return session_.sql(); }
    template <class Statement>
    Statement& kept() {
        return session_.kept<Statement>();
    }
    Session& session() { return session_; }

    // Run after the transaction is durable, on the writing thread.
    void afterCommit(std::function<void()> then) { then_.push_back(std::move(then)); }
    // For write() alone.
    std::vector<std::function<void()>> takeCallbacks() { return std::exchange(then_, {}); }

  private:
    Session& session_;
    std::vector<std::function<void()>> then_;
};

// Binary data, which SQLite takes as it is and PostgreSQL as hexadecimal text: SOCI 4.0 ends a
// string at its first zero byte there. The variable must outlive the statement, as with use() and
// into(). Not the first parameter of a statement.
struct BytesInUse {
    soci::details::use_type_ptr bound;
};
BytesInUse useBytes(soci::session& sql, const std::string& value);
soci::details::into_type_ptr intoBytes(soci::session& sql, std::string& value);

inline soci::details::prepare_temp_type& operator,(soci::details::prepare_temp_type& statement,
                                                   const BytesInUse& bytes) {
    statement.get_prepare_info()->exchange(bytes.bound);
    return statement;
}
inline soci::details::once_temp_type& operator,(soci::details::once_temp_type& statement,
                                                const BytesInUse& bytes) {
    return statement, bytes.bound;
}

// Runs a kept SELECT for at most one row: true where there was one. The statement is run to its
// end, so that it holds no snapshot afterwards.
inline bool selectOne(soci::statement& statement) {
    const bool found = statement.execute(true);
    if (found) statement.fetch();
    return found;
}

} // namespace hearback::storage
