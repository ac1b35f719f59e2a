// What moves through the house: messages with what became known about them, in batches.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "pipeline/dead_letter.h"

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/feedback.pb.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearback::pipeline {

// What a message counts as in trends: words as numbers of the dictionary, 0 for none.
struct Facts {
    std::int64_t source = 0;
    std::int64_t channel = 0;
    std::int64_t language = 0;
    std::int64_t sentiment = 0;
    std::int64_t topic = 0;
    bool spam = false;
    base::Micros occurred_at = 0;
    // On a scale of 0 to 1; none where no rating was given.
    std::optional<double> rating;
};

// Why an item is on its way.
enum class Errand {
    Arrival,         // a source brought it
    Reannotation,    // it is stored; classifiers that did not answer in time are asked again
    Reclassification // it is stored; classifiers are asked again that answered before
};

// What the commit found it to be.
enum class Outcome {
    Unknown,
    Inserted,   // a new message
    Revised,    // a newer revision of a known one
    Deleted,    // a tombstone for a known or new one
    Superseded, // a revision that a newer one, already stored, makes history
    Duplicate,  // known already; nothing was written
    Annotated   // new answers of classifiers about the present revision
};

struct Item {
    Errand errand = Errand::Arrival;
    v1::FeedbackMessage message;
    // A stored message: pending are those who are to be asked.
    v1::AnnotationSet annotations;
    v1::Route route;
    // Of a reclassification: who answered; what they say now takes the place of what they said.
    std::vector<std::string> answered;

    // Set by the commit's first ledger for those that follow.
    Outcome outcome = Outcome::Unknown;
    std::int64_t message_id = 0;
    std::int64_t revision = 0;
    std::int64_t conversation_id = 0; // 0: it stands alone
    // The message that stood alone until this one answered it; 0: none.
    std::int64_t joined_id = 0;
    // What the message counted as before, and counts as now; none where it does not count.
    std::optional<Facts> before;
    std::optional<Facts> now;
};

// What the commit tells about a batch.
struct Stored {
    std::int64_t inserted = 0;
    std::int64_t revised = 0;
    std::int64_t deleted = 0;
    std::int64_t duplicates = 0;
    std::int64_t dead_letters = 0;
    std::vector<std::int64_t> message_ids; // in the order of the items
    // What was not known before.
    std::int64_t news() const { return inserted + revised + deleted; }

    // The counts of another one; its ids stay where they are.
    void add(const Stored& other) {
        inserted += other.inserted;
        revised += other.revised;
        deleted += other.deleted;
        duplicates += other.duplicates;
        dead_letters += other.dead_letters;
    }
};

using Done = std::function<void(const base::Result<Stored>&)>;

// One hand-over of one source. Its `done` is called exactly once, on the committing thread, or
// where the batch is dropped: with Cancelled.
class Batch {
  public:
    Batch() = default;
    Batch(Batch&& other) noexcept { *this = std::move(other); }
    Batch& operator=(Batch&& other) noexcept {
        if (this != &other) {
            finish(base::Error{base::Code::Cancelled, "dropped"});
            source = std::move(other.source);
            plugin = std::move(other.plugin);
            items = std::move(other.items);
            dead_letters = std::move(other.dead_letters);
            checkpoint = std::move(other.checkpoint);
            reader_epoch = other.reader_epoch;
            bytes = other.bytes;
            done = std::exchange(other.done, nullptr);
        }
        return *this;
    }
    ~Batch() { finish(base::Error{base::Code::Cancelled, "the host is shutting down"}); }

    void finish(const base::Result<Stored>& result) {
        if (const Done call = std::exchange(done, nullptr)) call(result);
    }

    std::string source;
    std::string plugin;
    std::vector<Item> items;
    std::vector<DeadLetter> dead_letters;
    // Stored with the items where there is one.
    std::optional<std::string> checkpoint;
    // Which reader of the source handed it over: where a later one has begun, it is not stored. 0:
    // it came by itself.
    std::int64_t reader_epoch = 0;
    // About what it takes in memory; the queues count it.
    std::size_t bytes = 0;
    Done done;
};

} // namespace hearback::pipeline
