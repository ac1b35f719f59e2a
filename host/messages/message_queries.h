// Reading messages back: one with everything that is known about it, and those that classifiers
// still owe an answer. Any thread.
#pragma once

#include "base/clock.h"
#include "pipeline/stages.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace hearback::messages {

struct Revision {
    std::int64_t revision = 0;
    base::Micros received_at = 0;
    v1::FeedbackMessage message;
};

struct StoredMessage {
    std::int64_t id = 0;
    v1::FeedbackMessage message; // of the present revision
    v1::AnnotationSet annotations;
    v1::Route route;
    std::int64_t conversation_id = 0;
};

class MessageQueries final : public pipeline::PendingStore, public pipeline::StoredMessages {
  public:
    MessageQueries(storage::Database& database, base::Clock& clock)
        : database_(database), clock_(clock) {}

    base::Result<std::optional<StoredMessage>> find(std::int64_t id) const;
    // Revisions that the present one replaced, oldest first.
    base::Result<std::vector<Revision>> history(std::int64_t id) const;
    // One revision of a message, present or past.
    base::Result<std::optional<StoredMessage>> findRevision(std::int64_t id,
                                                            std::int64_t revision) const;
    base::Result<std::vector<StoredMessage>> conversation(std::int64_t conversation_id,
                                                          std::size_t limit) const;
    base::Result<std::int64_t> count() const;
    // Messages that wait for a classifier.
    base::Result<std::int64_t> pendingCount() const;

    base::Result<std::vector<pipeline::PendingMessage>> due(std::size_t limit) override;
    base::Result<std::vector<pipeline::Item>> after(std::int64_t id, std::int64_t last,
                                                    const pipeline::Selection& selection,
                                                    std::size_t limit) override;
    // Asks the classifiers that gave up on a message once more.
    base::Result<void> askAgain(std::int64_t id);

  private:
    storage::Database& database_;
    base::Clock& clock_;
};

} // namespace hearback::messages
