#include "storage/dictionary.h"
#include "storage/sql.h"
#include "support/cutting_proxy.h"
#include "support/test_database.h"

#include <catch2/catch.hpp>

#include <thread>

using namespace hearback;
using hearback::testing::CuttingProxy;
using hearback::testing::PostgresServer;
using hearback::testing::TestDatabase;
using hearback::testing::TestEngine;
using storage::Database;

// The test ends here, shown as skipped, where there is no server.
#define NEEDS_POSTGRES                                                                             \
    if (!PostgresServer::isInstalled()) {                                                          \
        WARN("SKIPPED: no PostgreSQL server is installed");                                        \
        return;                                                                                    \
    }

namespace {

const std::vector<storage::Migration> kWords = {
    {"room", 1, {"CREATE TABLE t (word TEXT NOT NULL UNIQUE)"}}};

struct InsertWord {
    std::string word;
    soci::statement statement;
    explicit InsertWord(soci::session& sql)
        : statement((sql.prepare << "INSERT INTO t (word) VALUES (:word)", soci::use(word))) {}
};

void insertWord(storage::Transaction& tx, const std::string& word) {
    auto& statement = tx.kept<InsertWord>();
    statement.word = word;
    statement.statement.execute(true);
}

base::Result<void> writeWord(Database& database, const std::string& word) {
    return database.write("insert", [&](storage::Transaction& tx) { insertWord(tx, word); });
}

std::int64_t countWords(Database& database) {
    const auto counted = database.query<std::int64_t>("count", [](storage::Session& session) {
        long long n = 0;
        session.sql() << "SELECT count(*) FROM t", soci::into(n);
        return n;
    });
    if (!counted) FAIL(counted.error().message);
    return *counted;
}

} // namespace

TEST_CASE("connections that were ended are made again, with their kept statements", "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    const auto database = test.open(kWords);
    REQUIRE(writeWord(*database, "before"));
    REQUIRE(countWords(*database) == 1);
    PostgresServer::shared().endConnections();
    CHECK(writeWord(*database, "after"));
    CHECK(countWords(*database) == 2);
}

TEST_CASE("a write whose connection is lost in the middle is done once, from its start",
          "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    const auto database = test.open(kWords);
    int attempts = 0;
    int told = 0;
    const auto written = database->write("insert", [&](storage::Transaction& tx) {
        ++attempts;
        tx.afterCommit([&] { ++told; });
        insertWord(tx, "first");
        if (attempts == 1) PostgresServer::shared().endConnections();
        insertWord(tx, "second");
    });
    REQUIRE(written);
    CHECK(attempts == 2);
    CHECK(told == 1);
    CHECK(countWords(*database) == 2);
}

TEST_CASE("a read whose connection is lost in the middle is done again", "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    const auto database = test.open(kWords);
    REQUIRE(writeWord(*database, "a"));
    int attempts = 0;
    const auto n = database->query<std::int64_t>("count", [&](storage::Session& session) {
        long long found = 0;
        if (++attempts == 1) PostgresServer::shared().endConnections();
        session.sql() << "SELECT count(*) FROM t", soci::into(found);
        return found;
    });
    REQUIRE(n);
    CHECK(*n == 1);
    CHECK(attempts == 2);
}

TEST_CASE("a server that is gone is waited for, then reported, and used when it is back",
          "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    test.options.busy_timeout = 50 * base::kMillisecond;
    const auto database = test.open(kWords);
    REQUIRE(writeWord(*database, "before"));
    PostgresServer::shared().kill();
    const auto failed = writeWord(*database, "lost");
    REQUIRE_FALSE(failed);
    CHECK(failed.error().isTransient());
    CHECK(failed.error().code == base::Code::Unavailable);
    PostgresServer::shared().start();
    CHECK(writeWord(*database, "after"));
    CHECK(countWords(*database) == 2);
}

TEST_CASE("a commit whose answer is lost is not done again, and one that was never heard is",
          "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    CuttingProxy proxy(test.options.url);
    test.options.url = proxy.url();
    const auto database = test.open(kWords);
    for (const auto cut : {CuttingProxy::Cut::AfterCommit, CuttingProxy::Cut::BeforeCommit}) {
        int attempts = 0;
        int told = 0;
        proxy.cutNext(cut);
        const auto written = database->write("insert", [&](storage::Transaction& tx) {
            ++attempts;
            tx.afterCommit([&] { ++told; });
            insertWord(tx, cut == CuttingProxy::Cut::AfterCommit ? "done" : "not heard");
        });
        REQUIRE(written);
        CHECK(attempts == (cut == CuttingProxy::Cut::AfterCommit ? 1 : 2));
        CHECK(told == 1);
    }
    CHECK(countWords(*database) == 2);
}

TEST_CASE("a commit whose fate cannot be asked for is said to be unclear", "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    test.options.busy_timeout = 50 * base::kMillisecond;
    CuttingProxy proxy(test.options.url);
    test.options.url = proxy.url();
    const auto database = test.open(kWords);
    proxy.cutNext(CuttingProxy::Cut::AfterCommit, true);
    const auto written = writeWord(*database, "done");
    REQUIRE_FALSE(written);
    CHECK(written.error().code == base::Code::Unclear);
    proxy.mend();
    CHECK(countWords(*database) == 1);
    CHECK(writeWord(*database, "next"));
}

TEST_CASE("a transaction that was in the way of another is done again from its start",
          "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    const auto database = test.open(kWords);
    // serialization_failure, deadlock_detected
    for (const std::string state : {"40001", "40P01"}) {
        int attempts = 0;
        int told = 0;
        const auto written = database->write("insert", [&](storage::Transaction& tx) {
            tx.afterCommit([&] { ++told; });
            insertWord(tx, state);
            if (++attempts < 3)
                tx.sql() << "DO $$BEGIN RAISE EXCEPTION SQLSTATE '" + state + "'; END$$";
        });
        REQUIRE(written);
        CHECK(attempts == 3);
        CHECK(told == 1);
    }
    CHECK(countWords(*database) == 2);
}

TEST_CASE("a transaction that is always in the way is given up in the end", "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    test.options.busy_timeout = 50 * base::kMillisecond;
    const auto database = test.open(kWords);
    const auto written = database->write("insert", [&](storage::Transaction& tx) {
        insertWord(tx, "a");
        tx.sql() << "DO $$BEGIN RAISE EXCEPTION SQLSTATE '40001'; END$$";
    });
    REQUIRE_FALSE(written);
    CHECK(written.error().code == base::Code::Busy);
    CHECK(countWords(*database) == 0);
}

TEST_CASE("a failed statement that nobody noticed does not pass for a commit", "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    const auto database = test.open(kWords);
    CHECK_FALSE(database->write("insert", [&](storage::Transaction& tx) {
        insertWord(tx, "a");
        try {
            tx.sql() << "NONSENSE";
        } catch (const soci::soci_error&) {
            return;
        }
    }));
    CHECK(countWords(*database) == 0);
}

TEST_CASE("hosts that meet the same new words at once give them the same numbers", "[postgres]") {
    NEEDS_POSTGRES
    TestDatabase test(TestEngine::Postgres);
    test.options.busy_timeout = 30 * base::kSecond;
    const std::vector<storage::Migration> migrations = {storage::Dictionary::migration()};
    struct Host {
        std::unique_ptr<Database> database;
        storage::Dictionary dictionary;
        bool failed = false;
    };
    std::vector<Host> hosts(2);
    for (Host& host : hosts) host.database = test.open(migrations);
    const auto meet = [](Host& host) {
        for (int i = 0; i < 100; ++i)
            if (!host.database->write("words", [&](storage::Transaction& tx) {
                    for (const int n : {i, i + 1})
                        host.dictionary.idOf(tx, storage::Term::Topic, std::to_string(n));
                }))
                host.failed = true;
    };
    std::thread other(meet, std::ref(hosts[1]));
    meet(hosts[0]);
    other.join();
    CHECK_FALSE(hosts[0].failed);
    CHECK_FALSE(hosts[1].failed);
    for (Host& host : hosts) {
        CHECK(host.database->read("compare", [&](storage::Session& session) {
            long long words = 0;
            session.sql() << "SELECT count(*) FROM term", soci::into(words);
            CHECK(words == 101);
            storage::Dictionary fresh;
            for (int n = 0; n <= 100; ++n)
                CHECK(host.dictionary.find(session, storage::Term::Topic, std::to_string(n)) ==
                      fresh.find(session, storage::Term::Topic, std::to_string(n)));
        }));
    }
}

TEST_CASE("what an address lacks or gets wrong is said without its password", "[postgres]") {
    storage::DatabaseOptions options;
    options.url = "postgresql://hearback:hush@/db?host=/nowhere&no_such_word=1";
    const auto invalid = Database::open(options, kWords);
    REQUIRE_FALSE(invalid);
    CHECK(invalid.error().code == base::Code::Invalid);
    CHECK(invalid.error().message.find("hush") == std::string::npos);
    options.url = "postgresql://hearback@/db?host=/nowhere";
    options.password = "hush";
    const auto unreachable = Database::open(options, kWords);
    REQUIRE_FALSE(unreachable);
    CHECK(unreachable.error().code == base::Code::Unavailable);
    CHECK(unreachable.error().message.starts_with(
        "cannot connect with PostgreSQL at /nowhere, database db: "));
    CHECK(unreachable.error().message.find('\n') == std::string::npos);
    CHECK(unreachable.error().message.find("hush") == std::string::npos);
}
