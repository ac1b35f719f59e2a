// What people want done about a message on its channel: a reply, a deletion, a like. It leaves as a
// row of the outbox, so it can be taken back until it is due. Any thread.
#pragma once

#include "base/clock.h"
#include "deliver/outbox_row.h"
#include "storage/database.h"
#include "storage/dictionary.h"

#include "hearback/v1/action.pb.h"

#include <cstdint>
#include <optional>
#include <string>

namespace hearback::deliver {

struct ActionOrder {
    std::int64_t message_id = 0;
    std::int64_t revision = 0;
    std::int64_t conversation_id = 0;
    std::string source;         // that brought the message, and acts
    v1::Action action;          // kind, text, tag, actor; the rest is set when it leaves
    base::Micros due_at = 0;    // not before: the end of the time in which it is taken back
    base::Micros not_after = 0; // 0: whenever it can be
};

class ActionOrders {
  public:
    ActionOrders(storage::Database& database, storage::Dictionary& dictionary, base::Clock& clock)
        : database_(database), dictionary_(dictionary), clock_(clock) {}

    // The id of its delivery.
    base::Result<std::int64_t> give(const ActionOrder& order);
    base::Result<std::optional<v1::Action>> load(std::int64_t action_id);

  private:
    storage::Database& database_;
    storage::Dictionary& dictionary_;
    base::Clock& clock_;
};

// "reply", "private-reply", ...; empty for a kind that this version does not know.
std::string nameOf(v1::ActionKind kind);
std::optional<v1::ActionKind> actionKind(std::string_view name);

} // namespace hearback::deliver
