// The heart: one transaction holds messages, people, annotations, routes, counts, outbox rows and
// the channel's checkpoint. Before it nothing has happened, after it everything has.
//
// A group of batches is one transaction. Where the database cannot be written (locked, full, gone)
// the group waits and is tried again, and everything upstream waits with it. Where one message
// makes the transaction fail, it becomes a dead letter and the others go on.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "pipeline/stages.h"
#include "storage/database.h"

#include <atomic>
#include <functional>

namespace hearback::commit {

// For the page that says what runs.
struct CommitState {
    std::int64_t commits = 0;
    std::int64_t messages = 0;
    // Since when the database cannot be written; 0: it can.
    base::Micros failing_since = 0;
};

class Commit final : public pipeline::Stage {
  public:
    // `ledgers` are written in this order; the first one sets the outcome of the items.
    Commit(storage::Database& database, base::Clock& clock, base::Random& random,
           std::vector<pipeline::Ledger*> ledgers);

    void process(std::vector<pipeline::Batch>& group) override;
    // From now on a group that cannot be stored at once is dropped.
    void cancel() override;

    // Called after each commit. Set before the pipeline starts.
    void onCommit(std::function<void()> committed) { committed_ = std::move(committed); }
    CommitState state() const;

  private:
    // Overtaken: nothing was written, and the batches whose reader was overtaken are gone.
    enum class Tried { Stored, Failed, Poisoned, Overtaken };

    Tried tryOnce(std::vector<pipeline::Batch>& group);
    static void dropOvertaken(std::vector<pipeline::Batch>& group, const std::vector<bool>& which);
    bool storeOrWait(std::vector<pipeline::Batch>& group);
    void storeApart(pipeline::Batch batch);
    void noteFailure(const base::Error& error);
    void noteSuccess(const std::vector<pipeline::Batch>& group);

    storage::Database& database_;
    base::Clock& clock_;
    base::Random& random_;
    std::vector<pipeline::Ledger*> ledgers_;
    base::Rest rest_;
    std::stop_source stopping_;
    std::atomic<std::int64_t> commits_{0};
    std::atomic<std::int64_t> messages_{0};
    std::atomic<base::Micros> failing_since_{0};
    std::function<void()> committed_;
    std::string last_cause_;
    bool dropping_ = false;
};

} // namespace hearback::commit
