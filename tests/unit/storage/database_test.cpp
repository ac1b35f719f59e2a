#include "storage/dictionary.h"
#include "storage/migrations.h"
#include "storage/sql.h"
#include "support/test_database.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::TempFolder;
using hearback::testing::TestDatabase;
using storage::Database;

namespace {

const std::vector<storage::Migration> kOne = {
    {"room", 1, {"CREATE TABLE t (word TEXT NOT NULL UNIQUE)"}}};

std::int64_t count(Database& database) {
    return *database.query<std::int64_t>("count", [](storage::Session& session) {
        long long n = 0;
        session.sql() << "SELECT count(*) FROM t", soci::into(n);
        return n;
    });
}

base::Result<void> insert(Database& database, const std::string& word) {
    return database.write("insert", [&](storage::Transaction& tx) {
        tx.sql() << "INSERT INTO t (word) VALUES (:word)", soci::use(word);
    });
}

} // namespace

TEST_CASE("a failed write leaves nothing and tells no values", "[storage]") {
    TestDatabase test;
    auto database = test.open(kOne);
    REQUIRE(insert(*database, "secret words"));
    const auto failed = database->write("insert", [&](storage::Transaction& tx) {
        tx.sql() << "INSERT INTO t (word) VALUES ('fresh')";
        const std::string again = "secret words";
        tx.sql() << "INSERT INTO t (word) VALUES (:word)", soci::use(again);
    });
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == base::Code::Conflict);
    CHECK(failed.error().message.find("secret") == std::string::npos);
    CHECK(count(*database) == 1);
    CHECK(insert(*database, "next"));
}

TEST_CASE("callbacks run after a commit and not after a failure", "[storage]") {
    TestDatabase test;
    auto database = test.open(kOne);
    int called = 0;
    CHECK(database->write("ok",
                          [&](storage::Transaction& tx) { tx.afterCommit([&] { ++called; }); }));
    CHECK_FALSE(database->write("not", [&](storage::Transaction& tx) {
        tx.afterCommit([&] { ++called; });
        throw storage::StorageFailure({base::Code::Internal, "wanted"});
    }));
    CHECK(called == 1);
}

TEST_CASE("migrations run once and later ones are added", "[storage]") {
    TestDatabase test;
    CHECK(insert(*test.open(kOne), "kept"));
    auto two = kOne;
    two.push_back({"room", 2, {"ALTER TABLE t ADD COLUMN extra BIGINT"}});
    auto database = test.open(two);
    CHECK(count(*database) == 1);
}

TEST_CASE("a database of a newer version is refused and left as it is", "[storage]") {
    TestDatabase test;
    auto two = kOne;
    two.push_back({"room", 2, {"ALTER TABLE t ADD COLUMN extra BIGINT"}});
    CHECK(insert(*test.open(two), "kept"));
    const auto refused = Database::open(test.options, kOne);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find("newer Hearback") != std::string::npos);
    CHECK(refused.error().message.find("\"room\" have version 2, this one knows 1") !=
          std::string::npos);
    CHECK(count(*test.open(two)) == 1);
}

TEST_CASE("a migration that fails changes nothing", "[storage]") {
    TestDatabase test;
    CHECK(insert(*test.open(kOne), "kept"));
    auto broken = kOne;
    broken.push_back({"room", 2, {"ALTER TABLE t ADD COLUMN extra BIGINT", "NONSENSE"}});
    CHECK_FALSE(Database::open(test.options, broken));
    auto mended = kOne;
    mended.push_back({"room", 2, {"ALTER TABLE t ADD COLUMN extra BIGINT"}});
    CHECK(count(*test.open(mended)) == 1);
}

TEST_CASE("a file that is no database is refused", "[storage]") {
    TempFolder folder;
    folder.write("data.db", std::string(8192, 'x'));
    storage::DatabaseOptions options;
    options.file = folder / "data.db";
    const auto refused = Database::open(options, kOne);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::Code::Corrupt);
}

TEST_CASE("a database held by another process is busy and then free again", "[storage]") {
    TestDatabase test;
    auto database = test.open(kOne);
    const auto other = test.hold();
    const auto busy = insert(*database, "a");
    REQUIRE_FALSE(busy);
    CHECK(busy.error().code == base::Code::Busy);
    CHECK(count(*database) == 0);
    *other << "ROLLBACK";
    CHECK(insert(*database, "a"));
}

TEST_CASE("a database that is up to date is opened while another process writes", "[storage]") {
    TestDatabase test;
    CHECK(insert(*test.open(kOne), "a"));
    const auto other = test.hold();
    CHECK(count(*test.open(kOne)) == 1);
    *other << "ROLLBACK";
}

TEST_CASE("a word keeps its number and a word of a failed write has none", "[storage]") {
    TestDatabase test;
    auto database = test.open({storage::Dictionary::migration()});
    storage::Dictionary dictionary;
    std::int64_t first = 0;
    CHECK_FALSE(database->write("fails", [&](storage::Transaction& tx) {
        first = dictionary.idOf(tx, storage::Term::Topic, "lost");
        // Found in the table this time.
        CHECK(dictionary.idOf(tx, storage::Term::Topic, "lost") == first);
        throw storage::StorageFailure({base::Code::Internal, "wanted"});
    }));
    std::int64_t kept = 0;
    CHECK(database->write("works", [&](storage::Transaction& tx) {
        kept = dictionary.idOf(tx, storage::Term::Topic, "kept");
        CHECK(dictionary.idOf(tx, storage::Term::Topic, "kept") == kept);
        CHECK(dictionary.idOf(tx, storage::Term::Team, "kept") != kept);
        CHECK(dictionary.idOf(tx, storage::Term::Topic, "") == 0);
    }));
    storage::Dictionary fresh;
    CHECK(database->read("look", [&](storage::Session& session) {
        CHECK(fresh.find(session, storage::Term::Topic, "kept") == kept);
        CHECK_FALSE(fresh.find(session, storage::Term::Topic, "lost"));
        CHECK_FALSE(dictionary.find(session, storage::Term::Topic, "lost"));
        CHECK(fresh.wordOf(session, kept) == "kept");
    }));
}

TEST_CASE("the placeholders of tables fit both engines", "[storage]") {
    const std::string text = "CREATE TABLE x (id $id, b $bytes) $clustered";
    CHECK(storage::inDialect(text, storage::kSqlite) ==
          "CREATE TABLE x (id INTEGER PRIMARY KEY, b BLOB) WITHOUT ROWID");
    CHECK(storage::inDialect(text, storage::kPostgres) ==
          "CREATE TABLE x (id BIGINT PRIMARY KEY, b BYTEA) ");
}
