// The real store, commit and deliverers over a file system that fails: hundreds of short lives in
// every run, thousands at night.
#include "app/store.h"
#include "faults/seeds.h"
#include "faults/trial.h"
#include "storage/dictionary.h"
#include "storage/sql.h"
#include "support/fault_vfs.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <array>

using namespace hearback;
using namespace hearback::testing;

namespace {

constexpr std::array kFaults = {Fault::FailedWrite, Fault::ShortWrite, Fault::FullDisk,
                                Fault::FailedSync,  Fault::PowerCut,   Fault::Crash};

std::string integrityOf(storage::Database& database) {
    std::string said;
    const auto read = database.read("check the file", [&](storage::Session& session) {
        session.sql() << "PRAGMA integrity_check", soci::into(said);
    });
    if (!read) said = read.error().message;
    return said == "ok" ? "" : said + "\n";
}

class FaultyLife {
  public:
    FaultyLife(const std::filesystem::path& folder, std::uint64_t seed)
        : random_(seed), vfs_(folder, seed), trial_(partsOf(folder, seed)) {
        // Now and then from the very first page.
        if (seed % 8 != 0) copyEmptyDatabase(folder / "hearback.db");
    }

    // What is wrong, at the first moment at which something is.
    std::string live() {
        for (int step = 0; step < 60; ++step) {
            if (!trial_.isOpen()) {
                if (!start()) continue;
                const std::string wrong = look();
                if (!wrong.empty()) return "after a restart:\n" + wrong;
            }
            if (random_() % 2 == 0) planFault();
            if (random_() % 24 == 0)
                trial_.close();
            else
                trial_.step(random_);
            if (vfs_.isOff()) trial_.close();
        }
        vfs_.plan(Fault::None, 0);
        trial_.close();
        if (vfs_.isOff()) vfs_.restart();
        if (!trial_.open()) return "it does not start any more";
        trial_.finish();
        return trial_.wrong(true) + integrityOf(trial_.house().database());
    }
    int faults() const { return vfs_.happened(); }

  private:
    TrialParts partsOf(const std::filesystem::path& folder, std::uint64_t seed) {
        TrialParts parts;
        parts.seed = seed;
        parts.database.file = folder / "hearback.db";
        parts.database.readers = 1;
        parts.is_dead = [this] { return vfs_.isOff(); };
        return parts;
    }
    void planFault() {
        const Fault fault = kFaults[random_() % kFaults.size()];
        vfs_.plan(fault, static_cast<int>(1 + random_() % 30), static_cast<int>(1 + random_() % 3));
    }
    bool start() {
        if (vfs_.isOff()) vfs_.restart();
        if (random_() % 4 == 0) planFault();
        return trial_.open();
    }
    // With no fault, so that it is the data that is looked at.
    std::string look() {
        vfs_.plan(Fault::None, 0);
        return vfs_.isOff() ? "" : trial_.wrong();
    }

    std::mt19937_64 random_;
    FaultVfs vfs_;
    Trial trial_;
};

void liveThrough(const std::vector<std::uint64_t>& seeds) {
    int faults = 0;
    for (const std::uint64_t seed : seeds) {
        const TempFolder folder;
        FaultyLife life(folder.path(), seed);
        const std::string wrong = life.live();
        faults += life.faults();
        INFO(again(seed));
        CHECK(wrong == "");
    }
    // It is no proof where nothing has failed.
    CHECK(faults >= static_cast<int>(seeds.size()));
}

} // namespace

TEST_CASE("whatever the disk does, nothing acknowledged is lost and nothing is doubled",
          "[faults]") {
    liveThrough(seeds(100));
}

TEST_CASE("a disk that fails in thousands of ways loses nothing either", "[faults][.nightly]") {
    liveThrough(seeds(5000, 1000));
}

TEST_CASE("what a crashed process left unflushed is safe before more is built on it", "[faults]") {
    for (int crash_at = 1; crash_at <= 12; ++crash_at) {
        const TempFolder folder;
        copyEmptyDatabase(folder / "hearback.db");
        FaultVfs vfs(folder.path(), static_cast<std::uint64_t>(crash_at));
        storage::DatabaseOptions options;
        options.file = folder / "hearback.db";
        options.readers = 1;
        const auto write = [&](storage::Database& database, const std::string& word) {
            storage::Dictionary dictionary;
            return static_cast<bool>(database.write("note a word", [&](storage::Transaction& tx) {
                dictionary.idOf(tx, storage::Term::Topic, word);
            }));
        };
        auto database = storage::Database::open(options, app::allMigrations());
        REQUIRE(database);
        vfs.plan(Fault::Crash, crash_at);
        for (int i = 0; !vfs.isOff(); ++i) write(**database, "first" + std::to_string(i));
        database->reset();
        vfs.restart();
        database = storage::Database::open(options, app::allMigrations());
        REQUIRE(database);
        vfs.plan(Fault::FailedSync, 1);
        while (!write(**database, "second")) {
        }
        vfs.cutPower();
        database->reset();
        vfs.restart();
        database = storage::Database::open(options, app::allMigrations());
        REQUIRE(database);
        const auto found = (*database)->query<bool>("look", [](storage::Session& session) {
            storage::Dictionary dictionary;
            return dictionary.find(session, storage::Term::Topic, "second").has_value();
        });
        REQUIRE(found);
        INFO("crash at call " << crash_at);
        CHECK(*found);
    }
}
