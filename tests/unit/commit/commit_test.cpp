#include "storage/sql.h"
#include "support/cutting_proxy.h"
#include "support/test_store.h"

#include <atomic>
#include <catch2/catch.hpp>

#include <thread>

using namespace hearback;
using hearback::testing::CuttingProxy;
using hearback::testing::PostgresServer;
using hearback::testing::TestStore;

namespace {

// Fails as long as it is told to, or for the message with a certain id.
class FaultyLedger final : public pipeline::Ledger {
  public:
    void write(storage::Transaction&, std::vector<pipeline::Batch>& group) override {
        ++calls;
        if (failures > 0) {
            --failures;
            throw storage::StorageFailure({code, "wanted"});
        }
        for (const pipeline::Batch& batch : group)
            for (const pipeline::Item& item : batch.items)
                if (item.message.external_id() == poison)
                    throw storage::StorageFailure({base::Code::Conflict, "poison"});
    }
    int calls = 0;
    int failures = 0;
    base::Code code = base::Code::Busy;
    std::string poison;
};

// Adds a letter to each group, as the ledger of messages does where a classifier is given up.
class LetterLedger final : public pipeline::Ledger {
  public:
    void write(storage::Transaction&, std::vector<pipeline::Batch>& group) override {
        group.front().dead_letters.emplace_back().cause = "given up";
    }
};

// A commit whose last ledger is faulty, on the tables of a TestStore.
struct Fixture {
    Fixture() = default;
    explicit Fixture(const storage::DatabaseOptions& options) : store(options) {}

    TestStore store;
    FaultyLedger faulty;
    commit::Commit commit{*store.database,
                          store.clock,
                          store.random,
                          {store.message_ledger.get(), &store.dead_letter_ledger,
                           &store.rollup_ledger, &faulty, &store.checkpoint_ledger}};

    std::vector<pipeline::Batch> group(std::vector<std::vector<std::string>> batches,
                                       const std::string& checkpoint = "") {
        std::vector<pipeline::Batch> all;
        for (const auto& ids : batches) {
            std::vector<v1::FeedbackMessage> messages;
            for (const std::string& id : ids) messages.push_back(TestStore::message(id, id));
            all.push_back(TestStore::batchOf(messages));
            all.back().done = [this](const base::Result<pipeline::Stored>& result) {
                results.push_back(result);
            };
        }
        if (!checkpoint.empty()) all.back().checkpoint = checkpoint;
        return all;
    }
    // Time passes while it waits.
    void process(std::vector<pipeline::Batch>& group) { process(commit, group); }
    void process(commit::Commit& with, std::vector<pipeline::Batch>& group) {
        std::atomic<bool> is_done = false;
        std::thread clock([&] {
            while (!is_done) store.clock.advance(base::kSecond);
        });
        with.process(group);
        is_done = true;
        clock.join();
    }
    std::vector<base::Result<pipeline::Stored>> results;
};

} // namespace

TEST_CASE("a database that is busy is waited for and nothing is stored twice", "[commit]") {
    Fixture f;
    f.faulty.failures = 3;
    auto group = f.group({{"a", "b"}}, "c1");
    f.process(group);
    REQUIRE(f.results.size() == 1);
    REQUIRE(f.results.front());
    CHECK(f.results.front()->inserted == 2);
    CHECK(f.faulty.calls == 4);
    CHECK(f.store.number("SELECT count(*) FROM message") == 2);
    CHECK(f.store.number("SELECT sum(messages) FROM rollup_day") == 2);
}

TEST_CASE("what an attempt added to a group is forgotten where it failed", "[commit]") {
    Fixture f;
    f.faulty.failures = 3;
    LetterLedger letters;
    commit::Commit commit(*f.store.database, f.store.clock, f.store.random, {&letters, &f.faulty});
    auto group = f.group({{"a"}});
    f.process(commit, group);
    REQUIRE(f.results.size() == 1);
    CHECK(f.results.front()->dead_letters == 1);
}

TEST_CASE("a commit of which nobody knows whether it was made is repeated and counts once",
          "[commit]") {
    if (!PostgresServer::isInstalled()) {
        WARN("SKIPPED: no PostgreSQL server is installed");
        return;
    }
    CuttingProxy proxy(PostgresServer::shared().newDatabase());
    storage::DatabaseOptions options;
    options.url = proxy.url();
    options.busy_timeout = 50 * base::kMillisecond;
    Fixture f(options);
    auto group = f.group({{"a", "b"}}, "c1");
    group.front().dead_letters.emplace_back().payload = "broken";
    proxy.cutNext(CuttingProxy::Cut::AfterCommit, true);
    std::thread operations([&] {
        while (f.commit.state().failing_since == 0) std::this_thread::yield();
        proxy.mend();
    });
    f.process(group);
    operations.join();
    REQUIRE(f.results.size() == 1);
    REQUIRE(f.results.front());
    CHECK(f.results.front()->duplicates == 2);
    CHECK(f.store.number("SELECT count(*) FROM message") == 2);
    CHECK(f.store.number("SELECT sum(messages) FROM rollup_day") == 2);
    CHECK(f.store.number("SELECT count(*) FROM message_revision") == 0);
    CHECK(f.store.number("SELECT count(*) FROM dead_letter") == 1);
}

TEST_CASE("a message that cannot be stored is a dead letter and the others go on", "[commit]") {
    Fixture f;
    f.faulty.poison = "bad";
    auto group = f.group({{"a", "bad", "b"}, {"c"}}, "c1");
    f.commit.process(group);
    REQUIRE(f.results.size() == 2);
    CHECK(f.results[0]->inserted == 2);
    CHECK(f.results[0]->dead_letters == 1);
    CHECK(f.results[1]->inserted == 1);
    CHECK(f.store.number("SELECT count(*) FROM message") == 3);
    const auto letters = dead_letters::listLetters(*f.store.database, {});
    REQUIRE(letters);
    REQUIRE(letters->size() == 1);
    v1::FeedbackMessage kept;
    REQUIRE(kept.ParseFromString(letters->front().letter.payload));
    CHECK(kept.external_id() == "bad");
    const auto checkpoint = commit::loadCheckpoint(*f.store.database, "shop");
    REQUIRE(checkpoint);
    REQUIRE(*checkpoint);
    CHECK((*checkpoint)->data == "c1");
}

TEST_CASE("messages and checkpoint are stored together or not at all", "[commit]") {
    Fixture f;
    f.faulty.failures = 1000000;
    f.commit.cancel();
    {
        auto group = f.group({{"a"}}, "c1");
        f.commit.process(group);
    }
    REQUIRE(f.results.size() == 1);
    CHECK(f.results.front().error().code == base::Code::Cancelled);
    CHECK(f.store.number("SELECT count(*) FROM message") == 0);
    CHECK_FALSE(*commit::loadCheckpoint(*f.store.database, "shop"));
}

TEST_CASE("after a batch was dropped no later one is stored", "[commit]") {
    Fixture f;
    f.faulty.failures = 1;
    f.commit.cancel();
    {
        auto first = f.group({{"a"}}, "c1");
        f.commit.process(first);
        auto second = f.group({{"b"}}, "c2");
        f.commit.process(second);
    }
    CHECK(f.store.number("SELECT count(*) FROM message") == 0);
    CHECK_FALSE(*commit::loadCheckpoint(*f.store.database, "shop"));
}

TEST_CASE("a lone checkpoint is stored", "[commit]") {
    TestStore store;
    auto batch = TestStore::batchOf({});
    batch.checkpoint = std::string("\0binary\xff", 8);
    store.store(std::move(batch));
    store.reopen();
    const auto checkpoint = commit::loadCheckpoint(*store.database, "shop");
    REQUIRE(*checkpoint);
    CHECK((*checkpoint)->data == std::string("\0binary\xff", 8));
    CHECK((*checkpoint)->plugin == "test");
}

TEST_CASE("what the reader before hands over is not stored once another one has begun",
          "[commit]") {
    Fixture f;
    auto& database = *f.store.database;
    const auto first = commit::beginReading(database, "shop");
    REQUIRE(first);
    CHECK_FALSE(first->checkpoint);
    auto group = f.group({{"a"}}, "1");
    group.front().reader_epoch = first->epoch;
    f.commit.process(group);
    const auto second = commit::beginReading(database, "shop");
    REQUIRE(second);
    CHECK(second->epoch > first->epoch);
    REQUIRE(second->checkpoint);
    CHECK(second->checkpoint->data == "1");

    auto late = f.group({{"b"}, {"c"}, {"d"}}, "2");
    std::vector<std::string> told(3);
    for (std::size_t i = 0; i < late.size(); ++i) {
        late[i].reader_epoch = i == 1 ? second->epoch : first->epoch;
        if (i == 2) late[i].source = "other"; // which nobody else reads
        late[i].done = [&told, i](const base::Result<pipeline::Stored>& result) {
            told[i] = result ? "stored" : result.error().message;
        };
    }
    f.commit.process(late);
    CHECK(told[0] == "somebody else reads this source now");
    CHECK(told[1] == "stored");
    CHECK(told[2] == "stored");
    CHECK(f.store.number("SELECT count(*) FROM message") == 3);
}
