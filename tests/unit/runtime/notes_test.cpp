#include "runtime/quarantine.h"
#include "runtime/upgrade_notes.h"
#include "support/manual_clock.h"
#include "support/test_database.h"

#include <catch2/catch.hpp>

using namespace hearback;
using hearback::testing::ManualClock;
using hearback::testing::TestDatabase;
using runtime::Quarantine;
using runtime::UpgradeNotes;

namespace {

const std::vector<storage::Migration> kNotes = {runtime::quarantineMigration(),
                                                runtime::upgradeNotesMigration()};

} // namespace

TEST_CASE("an instance that crashes three times is in quarantine until it is released",
          "[runtime]") {
    TestDatabase test;
    ManualClock clock;
    auto database = test.open(kNotes);
    {
        Quarantine quarantine(database.get(), clock);
        CHECK_FALSE(quarantine.note("shop", "reviews", "abc", "signal 11", false));
        CHECK_FALSE(quarantine.note("shop", "reviews", "abc", "signal 11", false));
        CHECK(quarantine.note("shop", "reviews", "abc", "signal 6", true));
    }
    database.reset();
    database = test.open(kNotes);
    Quarantine quarantine(database.get(), clock);
    const auto found = quarantine.find("shop", "abc");
    REQUIRE(found);
    CHECK(found->crashes == 3);
    CHECK(found->took_host_along);
    CHECK(found->cause == "signal 6");
    CHECK_FALSE(quarantine.find("shop", "another build"));
    REQUIRE(quarantine.list());
    CHECK(quarantine.list()->size() == 1);
    CHECK(*quarantine.release("shop"));
    CHECK_FALSE(*quarantine.release("shop"));
    CHECK(quarantine.list()->empty());
}

TEST_CASE("of each instance the last upgrade is known", "[runtime]") {
    TestDatabase test;
    ManualClock clock;
    const auto database = test.open(kNotes);
    UpgradeNotes notes(database.get(), clock);
    runtime::UpgradeNote note;
    note.instance = "shop";
    note.kind = "channel";
    note.plugin = "reviews";
    note.from_version = "1.0";
    note.to_version = "1.1";
    note.outcome = runtime::UpgradeOutcome::OnTrial;
    notes.note(note);
    note.outcome = runtime::UpgradeOutcome::RolledBack;
    note.cause = "it's gone: \u00fc";
    notes.note(note);
    const auto listed = notes.list();
    REQUIRE(listed);
    REQUIRE(listed->size() == 1);
    CHECK(listed->front().outcome == runtime::UpgradeOutcome::RolledBack);
    CHECK(listed->front().cause == note.cause);
    CHECK(listed->front().at == clock.now());
}
