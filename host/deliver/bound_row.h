// For the *_store.cpp files of this room: a row of the outbox as SOCI reads it.
#pragma once

#include "deliver/outbox_row.h"
#include "storage/sql.h"

#include <string>

namespace hearback::deliver {

inline const std::string kOutboxColumns =
    "SELECT o.id, o.message_id, o.revision, t.word, o.state, o.attempts, o.due_at, o.created_at, "
    "o.done_at, o.remote_id, o.last_error, o.action_id, o.not_after, o.replays, o.claimed_until "
    "FROM outbox o JOIN term t ON t.id = o.sink_id ";

struct BoundRow {
    long long id = 0, message_id = 0, revision = 0, state = 0, attempts = 0, due_at = 0;
    long long created_at = 0, done_at = 0, action_id = 0, not_after = 0, replays = 0;
    long long claimed_until = 0;
    std::string sink, remote_id, last_error;

    template <class Prepare>
    auto intoThis(Prepare&& prepare) {
        using soci::into;
        return (prepare, into(id), into(message_id), into(revision), into(sink), into(state),
                into(attempts), into(due_at), into(created_at), into(done_at), into(remote_id),
                into(last_error), into(action_id), into(not_after), into(replays),
                into(claimed_until));
    }
    OutboxRow row() const {
        OutboxRow row;
        row.id = id;
        row.message_id = message_id;
        row.revision = revision;
        row.sink = sink;
        row.state = static_cast<DeliveryState>(state);
        row.attempts = attempts;
        row.due_at = due_at;
        row.created_at = created_at;
        row.done_at = done_at;
        row.remote_id = remote_id;
        row.last_error = last_error;
        row.action_id = action_id;
        row.not_after = not_after;
        row.replays = replays;
        row.claimed_until = claimed_until;
        return row;
    }
};

} // namespace hearback::deliver
