// What a plugin handed over (an encoded FeedbackBatch) to a batch for the pipeline. What cannot be
// a message becomes a dead letter in it; the rest goes on.
#pragma once

#include "intake/normalise.h"
#include "pipeline/batch.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace hearback::intake {

struct ReadBatch {
    pipeline::Batch batch;
    base::Micros newest_at = 0; // when the newest message was written; 0: there is none
    bool has_more = false;
    base::Micros next_poll = 0; // 0: when the host likes
    std::int64_t progress_done = 0;
    std::int64_t progress_total = 0; // 0: not known
};

// An error where the bytes are no batch at all.
base::Result<ReadBatch> readBatch(std::string_view bytes, const Origin& origin, base::Micros now);

} // namespace hearback::intake
