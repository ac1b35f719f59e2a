// A database without the tables of any room. A test that has one is run on each engine.
#pragma once

#include "storage/sql.h"
#include "support/engines.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <memory>
#include <vector>

namespace hearback::testing {

class TestDatabase {
  public:
    TestDatabase() : TestDatabase(eachEngine()) {}
    explicit TestDatabase(TestEngine engine);

    std::unique_ptr<storage::Database> open(const std::vector<storage::Migration>& migrations);
    // A stranger's session, with its own driver.
    std::unique_ptr<soci::session> stranger() const;
    // One that keeps all others from writing until it rolls back.
    std::unique_ptr<soci::session> hold() const;

    TempFolder folder;
    storage::DatabaseOptions options;
};

} // namespace hearback::testing
