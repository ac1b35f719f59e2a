// The store of plugins' values alone, in a temporary folder. A test that has one is run on each
// engine.
#pragma once

#include "runtime/kv_store.h"
#include "support/engines.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <array>
#include <memory>

namespace hearback::testing {

class TestKv {
  public:
    TestKv() : options_(newDatabase(eachEngine(), folder / "kv.db")) { open(); }
    // As after a restart.
    void reopen() {
        kv.reset();
        database_.reset();
        open();
    }

    TempFolder folder;
    std::unique_ptr<runtime::KvStore> kv;

  private:
    void open() {
        options_.flush_each_commit = false; // nobody cuts the power here
        const std::array migrations{runtime::kvMigration()};
        auto opened = storage::Database::open(options_, migrations);
        REQUIRE(opened);
        database_ = std::move(*opened);
        kv = std::make_unique<runtime::KvStore>(*database_);
    }
    storage::DatabaseOptions options_;
    std::unique_ptr<storage::Database> database_;
};

} // namespace hearback::testing
