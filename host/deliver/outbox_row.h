// One row of the outbox: a message for a sink, or an action for the channel that brought a message.
#pragma once

#include "base/clock.h"
#include "storage/dictionary.h"

#include <cstdint>
#include <string>

namespace hearback::deliver {

// The numbers are stored.
enum class DeliveryState : std::int64_t {
    Waiting = 0,
    Delivered = 1,
    Dead = 2,
    // It may have arrived, and nothing would keep a second attempt from doing it twice: a person
    // has to look.
    Unclear = 3,
    Cancelled = 4
};
const char* nameOf(DeliveryState state);

// Where rows go: a sink, or a source whose channel acts.
struct Endpoint {
    storage::Term kind = storage::Term::Sink;
    std::string name;
};

struct OutboxRow {
    std::int64_t id = 0;
    std::int64_t message_id = 0;
    std::int64_t revision = 0;
    std::string sink; // or source, for actions
    DeliveryState state = DeliveryState::Waiting;
    std::int64_t attempts = 0;
    base::Micros due_at = 0;
    base::Micros created_at = 0;
    base::Micros done_at = 0;
    std::string remote_id;
    std::string last_error;
    std::int64_t action_id = 0; // 0: a message for a sink
    base::Micros not_after = 0; // 0: whenever it can be
    std::int64_t replays = 0;   // how often somebody had it sent again after it had arrived
    base::Micros claimed_until = 0;
    // Of a claimed row: an earlier claim ended with its process, and what was sent is not known.
    bool was_under_way = false;
    // Of a claimed row: what the sink called an earlier revision.
    std::string earlier_remote_id;
};

} // namespace hearback::deliver
