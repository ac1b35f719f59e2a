// What came of upgrades: for each instance the last one, in the database, so that whoever asked
// for it can see it from another process. Any thread.
#pragma once

#include "base/clock.h"
#include "storage/database.h"

#include <string>
#include <vector>

namespace hearback::runtime {

storage::Migration upgradeNotesMigration();

enum class UpgradeOutcome {
    Waiting,    // offered; the instance takes it at its next occasion
    OnTrial,    // it runs; the old version is still at hand
    Done,       // it passed its trial
    RolledBack, // it failed, the old version runs again
    Refused     // it was not even tried
};
const char* nameOf(UpgradeOutcome outcome);

struct UpgradeNote {
    std::string instance;
    std::string kind;
    std::string plugin;
    std::string from_version;
    std::string to_version;
    std::string to_hash;
    UpgradeOutcome outcome = UpgradeOutcome::Waiting;
    std::string cause; // why it was rolled back or refused
    base::Micros at = 0;
};

class UpgradeNotes {
  public:
    // Without a database nothing is noted: `hearback check`.
    UpgradeNotes(storage::Database* database, base::Clock& clock)
        : database_(database), clock_(clock) {}

    // Replaces what is noted about the instance; the time is now. Into the log too.
    void note(UpgradeNote note);
    base::Result<std::vector<UpgradeNote>> list() const;

  private:
    storage::Database* database_;
    base::Clock& clock_;
};

} // namespace hearback::runtime
