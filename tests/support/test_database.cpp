#include "support/test_database.h"

#include "storage/engine.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace hearback::testing {

TestDatabase::TestDatabase(TestEngine engine)
    : options(newDatabase(engine, folder / "a folder/data.db")) {
    options.busy_timeout = base::kSecond;
}

std::unique_ptr<storage::Database>
TestDatabase::open(const std::vector<storage::Migration>& migrations) {
    auto opened = storage::Database::open(options, migrations);
    if (!opened) FAIL(opened.error().message);
    return std::move(*opened);
}

std::unique_ptr<soci::session> TestDatabase::stranger() const {
    if (options.url.empty())
        return std::make_unique<soci::session>(*soci::factory_sqlite3(),
                                               "dbname=\"" + options.file.string() + "\"");
    return std::make_unique<soci::session>(*soci::factory_postgresql(), options.url);
}

std::unique_ptr<soci::session> TestDatabase::hold() const {
    auto session = stranger();
    if (options.url.empty()) {
        *session << "BEGIN IMMEDIATE";
    } else {
        *session << "BEGIN";
        *session << "SELECT pg_advisory_xact_lock(" + std::to_string(storage::kWriteLock) + ")";
    }
    return session;
}

} // namespace hearback::testing
