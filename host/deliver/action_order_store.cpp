#include "deliver/action_orders.h"
#include "storage/sql.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>

namespace hearback::deliver {

namespace {

using soci::into;
using soci::use;

constexpr std::string_view kPrefix = "ACTION_KIND_";

} // namespace

std::string nameOf(v1::ActionKind kind) {
    if (kind == v1::ACTION_KIND_UNSPECIFIED || !v1::ActionKind_IsValid(kind)) return {};
    std::string name = v1::ActionKind_Name(kind).substr(kPrefix.size());
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return c == '_' ? '-' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return name;
}

std::optional<v1::ActionKind> actionKind(std::string_view name) {
    for (int number = v1::ActionKind_MIN; number <= v1::ActionKind_MAX; ++number) {
        const auto kind = static_cast<v1::ActionKind>(number);
        if (!name.empty() && nameOf(kind) == name) return kind;
    }
    return std::nullopt;
}

base::Result<std::int64_t> ActionOrders::give(const ActionOrder& order) {
    long long id = 0;
    const auto written = database_.write("order an action", [&](storage::Transaction& tx) {
        const long long source = dictionary_.idOf(tx, storage::Term::Source, order.source);
        const long long now = clock_.now();
        long long action_id = 0;
        tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM action_order", into(action_id);
        std::string body;
        (void)google::protobuf::util::MessageToJsonString(order.action, &body);
        tx.sql() << "INSERT INTO action_order (id, body) VALUES (:id, :body)", use(action_id),
            use(body);
        tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM outbox", into(id);
        const auto message = static_cast<long long>(order.message_id);
        const auto revision = static_cast<long long>(order.revision);
        // Actions on one message leave in their order, also where it stands alone.
        const auto order_key = static_cast<long long>(
            order.conversation_id != 0 ? order.conversation_id : -order.message_id);
        const long long due = std::max<long long>(order.due_at, now);
        const auto not_after = static_cast<long long>(order.not_after);
        tx.sql() << "INSERT INTO outbox (id, sink_id, message_id, revision, state, attempts, "
                    "due_at, claimed_until, created_at, done_at, remote_id, last_error, "
                    "order_key, action_id, not_after) VALUES (:id, :sink, :message, "
                    ":revision, 0, 0, :due, 0, :created, 0, '', '', :conversation, :action, "
                    ":until)",
            use(id), use(source), use(message), use(revision), use(due), use(now), use(order_key),
            use(action_id), use(not_after);
    });
    if (!written) return written.error();
    return static_cast<std::int64_t>(id);
}

base::Result<std::optional<v1::Action>> ActionOrders::load(std::int64_t action_id) {
    return database_.query<std::optional<v1::Action>>(
        "load an action", [&](storage::Session& session) -> std::optional<v1::Action> {
            std::string body;
            const auto id = static_cast<long long>(action_id);
            session.sql() << "SELECT body FROM action_order WHERE id = :id", into(body), use(id);
            v1::Action action;
            if (!session.sql().got_data() ||
                !google::protobuf::util::JsonStringToMessage(body, &action).ok())
                return std::nullopt;
            return action;
        });
}

} // namespace hearback::deliver
