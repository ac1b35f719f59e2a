// What the stages of the pipeline have in common.
#pragma once

#include "base/result.h"
#include "pipeline/batch.h"

#include <memory>
#include <string>
#include <vector>

namespace hearback::storage {
class Transaction;
}

namespace hearback::pipeline {

// Works on a group of batches in place, on one thread at a time. Never calls back upstream.
class Stage {
  public:
    virtual ~Stage() = default;
    virtual void process(std::vector<Batch>& group) = 0;
    // Makes a process() that waits return soon. Any thread.
    virtual void cancel() {}
};

// Writes a room's own tables within the commit, called for each group in a fixed order. Throws
// storage::StorageFailure where a statement fails: then nothing of the group is stored.
class Ledger {
  public:
    virtual ~Ledger() = default;
    virtual void write(storage::Transaction& tx, std::vector<Batch>& group) = 0;
};

// A stored message that some classifiers still have to say something about.
struct PendingMessage {
    Item item; // with its message_id, revision, annotations and the names that are pending
};

// Which stored messages are looked at again.
struct Selection {
    base::Micros since = 0; // when they were written; 0: no beginning
    base::Micros until = 0; // before; 0: no end
    std::string source;     // empty: all
};

// Stored messages in the order of their ids, which is that of their arrival.
class StoredMessages {
  public:
    virtual ~StoredMessages() = default;
    // Those after `id` and up to `last`, at most `limit`; none that was deleted.
    virtual base::Result<std::vector<Item>>
    after(std::int64_t id, std::int64_t last, const Selection& selection, std::size_t limit) = 0;
};

// Where unanswered questions to classifiers are kept.
class PendingStore {
  public:
    virtual ~PendingStore() = default;
    // Those whose time has come, at most `limit`, oldest first.
    virtual base::Result<std::vector<PendingMessage>> due(std::size_t limit) = 0;
};

// Where batches enter the pipeline.
class Entrance {
  public:
    virtual ~Entrance() = default;
    // Waits for room at most `timeout`; on failure (Full, Cancelled) the batch is the caller's
    // still.
    virtual base::Result<void> push(Batch& batch, base::Micros timeout) = 0;
};

} // namespace hearback::pipeline
