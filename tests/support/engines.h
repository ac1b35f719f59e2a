// The engines that a test of stored data is run on: each that this machine has, one after the
// other.
#pragma once

#include "storage/database.h"
#include "support/postgres_server.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <vector>

namespace hearback::testing {

enum class TestEngine { Sqlite, Postgres };

inline std::vector<TestEngine> engines() {
    if (!PostgresServer::isInstalled()) return {TestEngine::Sqlite};
    return {TestEngine::Sqlite, TestEngine::Postgres};
}

// The engine of this run of the test: Catch runs a test that asks once for each engine.
inline TestEngine eachEngine() { return GENERATE(from_range(engines())); }

// A new database on it; `file` is for SQLite.
inline storage::DatabaseOptions newDatabase(TestEngine engine, const std::filesystem::path& file) {
    storage::DatabaseOptions options;
    options.file = file;
    if (engine == TestEngine::Postgres) {
        UNSCOPED_INFO("on PostgreSQL");
        options.url = PostgresServer::shared().newDatabase();
    }
    return options;
}

} // namespace hearback::testing
