// Reading a channel as the host reads it: polls, takes what comes, acknowledges it.
#pragma once

#include "check/subject.h"
#include "intake/batch_reader.h"

#include "hearback/v1/feedback.pb.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hearback::check {

class Bench;

// A batch in the schema's words. None where its bytes are no FeedbackBatch at all.
struct Batch {
    v1::FeedbackBatch content;
    std::string bytes;                    // as the plugin wrote them
    std::vector<std::string> broken_text; // fields that were no UTF-8; mended in the content
    std::uint64_t id = 0;
    hb_status status = HB_OK;

    const std::string& checkpoint() const { return content.checkpoint(); }
    // Brings something that is to be stored.
    bool isWorthIt() const { return content.messages_size() + content.rejects_size() > 0; }
};
std::optional<Batch> batchOf(const std::string& bytes);

struct ReadOptions {
    std::uint32_t max_items = 256;
    std::uint64_t max_bytes = 4 << 20;
    std::size_t batches_max = 5000;
    bool acknowledge = true;
};

struct Reading {
    std::vector<Batch> batches;
    Said last;              // what ended it
    bool is_broken = false; // the last bytes are no batch

    // Every message, by id, as bytes that compare.
    std::map<std::string, std::string> messages() const;
    std::size_t messageCount() const;
    std::size_t rejectCount() const;
    // The last checkpoint, of the batches before `end`.
    std::optional<std::string> checkpointBefore(std::size_t end) const;
};

// Polls a started channel until it has nothing more, or gives neither OK nor END.
Reading readOn(Subject& subject, const ReadOptions& options = {});
// The bytes of a message without what the host sets; equal for equal messages.
std::string canonical(v1::FeedbackMessage message);

// What the channel gives from its beginning with the plan's data, read by an instance of its own.
// Skips where it is not polled, or gives no message.
Reading readAll(Bench& bench, const ReadOptions& options = {});
// So small that the same reading comes in about `batches` batches.
std::uint32_t itemsFor(const Reading& whole, std::size_t batches);

} // namespace hearback::check
