// Outbox: what people look at and what they do about it.
#include "deliver/bound_row.h"
#include "deliver/outbox.h"

namespace hearback::deliver {

namespace {

using soci::into;
using soci::use;

// The numbers of a list, as SQL takes them; nothing of it comes from a text.
template <class Numbers>
std::string among(const std::string& column, const Numbers& numbers) {
    std::string text;
    for (const auto number : numbers)
        text += (text.empty() ? "" : ", ") + std::to_string(static_cast<std::int64_t>(number));
    return " AND " + column + " IN (" + text + ")";
}

// Conditions on `o`, to stand behind another one. The name of the sink is bound as :sink.
std::string conditions(const DeliveryFilter& filter) {
    std::string text;
    if (!filter.ids.empty()) text += among("o.id", filter.ids);
    if (!filter.states.empty()) text += among("o.state", filter.states);
    if (filter.message_id != 0) text += " AND o.message_id = " + std::to_string(filter.message_id);
    if (filter.since != 0) text += " AND o.created_at >= " + std::to_string(filter.since);
    if (filter.until != 0) text += " AND o.created_at < " + std::to_string(filter.until);
    return text + " AND (:sink = '' OR o.sink_id IN (SELECT id FROM term WHERE word = :sink AND "
                  "kind IN (1, 7)))";
}
static_assert(static_cast<int>(storage::Term::Source) == 1 &&
              static_cast<int>(storage::Term::Sink) == 7);

// `set` is done to what matches; gives how many.
base::Result<std::int64_t> change(storage::Database& database, const char* what,
                                  const std::string& set, const DeliveryFilter& filter,
                                  long long now) {
    std::int64_t changed = 0;
    const auto written = database.write(what, [&](storage::Transaction& tx) {
        soci::statement update = (tx.sql().prepare << "UPDATE outbox SET " + set +
                                                          " WHERE id IN (SELECT o.id FROM "
                                                          "outbox o WHERE o.claimed_until <= :now" +
                                                          conditions(filter) + ")",
                                  use(now, "now"), use(filter.sink, "sink"));
        update.execute(true);
        changed = update.get_affected_rows();
    });
    if (!written) return written.error();
    return changed;
}

} // namespace

base::Result<std::vector<OutboxRow>> Outbox::list(const DeliveryFilter& filter,
                                                  std::int64_t limit) {
    return database_.query<std::vector<OutboxRow>>(
        "list deliveries", [&](storage::Session& session) {
            std::vector<OutboxRow> rows;
            BoundRow row;
            const auto most = static_cast<long long>(limit);
            soci::statement select =
                (row.intoThis(session.sql().prepare << kOutboxColumns + "WHERE 1 = 1" +
                                                           conditions(filter) +
                                                           " ORDER BY o.id DESC LIMIT :limit"),
                 use(filter.sink, "sink"), use(most, "limit"));
            select.execute();
            while (select.fetch()) rows.push_back(row.row());
            return rows;
        });
}

base::Result<std::vector<OutboxRow>> Outbox::ofMessage(std::int64_t message_id) {
    return database_.query<std::vector<OutboxRow>>(
        "list deliveries", [&](storage::Session& session) {
            std::vector<OutboxRow> rows;
            BoundRow row;
            const auto message = static_cast<long long>(message_id);
            soci::statement select =
                (row.intoThis(session.sql().prepare
                              << kOutboxColumns + "WHERE o.message_id = :id ORDER BY o.id"),
                 use(message));
            select.execute();
            while (select.fetch()) rows.push_back(row.row());
            return rows;
        });
}

base::Result<std::int64_t> Outbox::count(DeliveryState state) {
    return database_.query<std::int64_t>("count deliveries", [&](storage::Session& session) {
        long long count = 0;
        // As a number in the text: an index of one state is not used for a state to come.
        session.sql() << "SELECT count(*) FROM outbox WHERE state = " +
                             std::to_string(static_cast<std::int64_t>(state)),
            into(count);
        return static_cast<std::int64_t>(count);
    });
}

base::Result<std::int64_t> Outbox::retry(const DeliveryFilter& filter) {
    DeliveryFilter wanted = filter;
    if (wanted.states.empty())
        wanted.states = {DeliveryState::Dead, DeliveryState::Unclear, DeliveryState::Cancelled,
                         DeliveryState::Delivered};
    std::erase(wanted.states, DeliveryState::Waiting);
    if (wanted.states.empty()) return std::int64_t{0};
    const std::string now = std::to_string(clock_.now());
    return change(database_, "retry deliveries",
                  "replays = CASE WHEN state = 1 THEN replays + 1 ELSE replays END, state = 0, "
                  "attempts = 0, claimed_until = 0, not_after = 0, done_at = 0, due_at = " +
                      now,
                  wanted, clock_.now());
}

base::Result<std::int64_t> Outbox::cancel(const DeliveryFilter& filter) {
    DeliveryFilter wanted = filter;
    wanted.states = {DeliveryState::Waiting};
    return change(database_, "cancel deliveries",
                  "state = 4, claimed_until = 0, done_at = " + std::to_string(clock_.now()), wanted,
                  clock_.now());
}

} // namespace hearback::deliver
