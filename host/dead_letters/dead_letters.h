// What could not be processed, kept with its cause until somebody mends it and has it replayed.
// The same payload of the same source is kept once, with a count.
#pragma once

#include "base/clock.h"
#include "pipeline/stages.h"
#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hearback::dead_letters {

storage::Migration migration();

struct StoredLetter {
    std::int64_t id = 0;
    pipeline::DeadLetter letter;
    std::int64_t seen = 1;
    base::Micros first_at = 0;
    base::Micros last_at = 0;
    base::Micros replayed_at = 0; // 0: waits
};

class DeadLetterLedger final : public pipeline::Ledger {
  public:
    explicit DeadLetterLedger(base::Clock& clock) : clock_(clock) {}
    void write(storage::Transaction& tx, std::vector<pipeline::Batch>& group) override;
    // Within a transaction of another room's, such as the deliverer's.
    void keep(storage::Transaction& tx, const pipeline::DeadLetter& letter);

  private:
    base::Clock& clock_;
};

struct LetterFilter {
    std::string source;        // empty: all
    bool replayed_too = false; // also those that were replayed
    std::int64_t limit = 100;
};

base::Result<std::vector<StoredLetter>> listLetters(storage::Database& database,
                                                    const LetterFilter& filter);
base::Result<std::optional<StoredLetter>> findLetter(storage::Database& database, std::int64_t id);
// How many wait.
base::Result<std::int64_t> countLetters(storage::Database& database);
base::Result<void> markReplayed(storage::Database& database, std::int64_t id, base::Micros at);

const char* nameOf(pipeline::DeadLetter::Stage stage);

} // namespace hearback::dead_letters
