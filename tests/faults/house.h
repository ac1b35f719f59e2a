// Everything between the sources and the sinks, on one folder of data and on one thread: the real
// commit with its ledgers, the real outbox and deliverers. It can be closed at any moment, as the
// end of the process closes it, and opened again.
#pragma once

#include "base/random.h"
#include "commit/checkpoints.h"
#include "commit/commit.h"
#include "dead_letters/dead_letters.h"
#include "deliver/deliverer.h"
#include "deliver/outbox_ledger.h"
#include "faults/sim_clock.h"
#include "messages/message_ledger.h"
#include "messages/message_queries.h"
#include "pipeline/plugins.h"
#include "storage/database.h"
#include "storage/dictionary.h"
#include "trends/rollup_ledger.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hearback::testing {

struct HouseParts {
    storage::DatabaseOptions database; // of either engine
    SimClock& clock;
    base::Random& random;
    std::vector<pipeline::Sink*> sinks;
    // Told within the commit, before the first ledger and after each: "in commit 0", 1, ...
    std::function<void(const std::string& point)> on_point;
    // Whether what waits for the database can stop waiting: nothing works until the next start.
    std::function<bool()> is_dead = [] { return false; };
};

class House {
  public:
    explicit House(HouseParts parts);
    ~House();

    // As a process that starts: the tables are brought up to date, claims taken back.
    base::Result<void> open();
    void close();
    bool isOpen() const { return parts_ != nullptr; }

    // Commits one batch; true where it is acknowledged as stored.
    bool take(pipeline::Batch batch);
    // One that has answers for what classifiers have left out.
    std::optional<pipeline::Batch> answersThatWereMissing();
    // How far a source was read, in inputs.
    base::Result<std::size_t> checkpointOf(const std::string& source);

    storage::Database& database();
    commit::Commit& commit();
    messages::MessageQueries& queries();
    deliver::Outbox& outbox();
    const std::string& installation() const;
    std::vector<std::unique_ptr<deliver::Deliverer>>& deliverers();

  private:
    struct Parts;
    class Witness;
    base::Result<void> build(Parts& parts);
    std::unique_ptr<deliver::Deliverer> delivererOf(Parts& parts, pipeline::Sink& sink);

    HouseParts given_;
    std::unique_ptr<Parts> parts_;
};

// A database with all tables and nothing in them, for houses that need not build their own.
void copyEmptyDatabase(const std::filesystem::path& to);

} // namespace hearback::testing
