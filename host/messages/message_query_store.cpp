#include "messages/message_queries.h"
#include "messages/messages_store.h"
#include "storage/sql.h"

namespace hearback::messages {

namespace {

StoredMessage toMessage(const MessageRow& row) {
    StoredMessage stored;
    stored.id = row.id;
    stored.conversation_id = row.conversation_id;
    const bool whole = stored.message.ParseFromString(row.body) &&
                       stored.annotations.ParseFromString(row.annotations) &&
                       stored.route.ParseFromString(row.route);
    if (!whole)
        throw storage::StorageFailure({base::Code::Corrupt, "message " + std::to_string(row.id) +
                                                                " cannot be read from its row"});
    return stored;
}

pipeline::Item toItem(const MessageRow& row, pipeline::Errand errand) {
    StoredMessage stored = toMessage(row);
    pipeline::Item item;
    item.errand = errand;
    item.message = std::move(stored.message);
    item.annotations = std::move(stored.annotations);
    item.route = std::move(stored.route);
    item.message_id = row.id;
    item.revision = row.revision;
    return item;
}

} // namespace

base::Result<std::optional<StoredMessage>> MessageQueries::find(std::int64_t id) const {
    return database_.query<std::optional<StoredMessage>>(
        "load a message", [&](storage::Session& session) -> std::optional<StoredMessage> {
            const auto row = loadMessage(session, id);
            if (!row) return std::nullopt;
            return toMessage(*row);
        });
}

base::Result<std::vector<Revision>> MessageQueries::history(std::int64_t id) const {
    return database_.query<std::vector<Revision>>("load revisions", [&](storage::Session& session) {
        std::vector<Revision> revisions;
        for (const RevisionRow& row : loadRevisions(session, id)) {
            Revision& revision = revisions.emplace_back();
            revision.revision = row.revision;
            revision.received_at = row.received_at;
            if (!revision.message.ParseFromString(row.body))
                throw storage::StorageFailure(
                    {base::Code::Corrupt, "a revision of message " + std::to_string(id) +
                                              " cannot be read from its row"});
        }
        return revisions;
    });
}

base::Result<std::optional<StoredMessage>>
MessageQueries::findRevision(std::int64_t id, std::int64_t revision) const {
    return database_.query<std::optional<StoredMessage>>(
        "load a revision", [&](storage::Session& session) -> std::optional<StoredMessage> {
            auto row = loadMessage(session, id);
            if (!row) return std::nullopt;
            if (row->revision == revision) return toMessage(*row);
            for (const RevisionRow& past : loadRevisions(session, id)) {
                if (past.revision != revision) continue;
                row->body = past.body;
                row->annotations = past.annotations;
                return toMessage(*row);
            }
            return std::nullopt;
        });
}

base::Result<std::vector<StoredMessage>> MessageQueries::conversation(std::int64_t conversation_id,
                                                                      std::size_t limit) const {
    return database_.query<std::vector<StoredMessage>>(
        "load a conversation", [&](storage::Session& session) {
            std::vector<long long> ids;
            long long id = 0;
            const auto wanted = static_cast<long long>(conversation_id);
            const auto most = static_cast<long long>(limit);
            soci::statement select =
                (session.sql().prepare << "SELECT id FROM message WHERE conversation_id = :c "
                                          "AND conversation_id <> 0 ORDER BY occurred_at LIMIT :n",
                 soci::into(id), soci::use(wanted), soci::use(most));
            select.execute();
            while (select.fetch()) ids.push_back(id);
            std::vector<StoredMessage> messages;
            for (const long long each : ids)
                if (const auto row = loadMessage(session, each))
                    messages.push_back(toMessage(*row));
            return messages;
        });
}

base::Result<std::int64_t> MessageQueries::count() const {
    return database_.query<std::int64_t>("count messages", [](storage::Session& session) {
        // Rows are never taken out and ids never skipped, so the last id is the number of rows;
        // counting them would read the whole table.
        long long last = 0;
        session.sql() << "SELECT coalesce(max(id), 0) FROM message", soci::into(last);
        return static_cast<std::int64_t>(last);
    });
}

base::Result<std::int64_t> MessageQueries::pendingCount() const {
    return database_.query<std::int64_t>("count pending", [](storage::Session& session) {
        long long count = 0;
        session.sql() << "SELECT count(*) FROM pending_annotation", soci::into(count);
        return static_cast<std::int64_t>(count);
    });
}

base::Result<std::vector<pipeline::PendingMessage>> MessageQueries::due(std::size_t limit) {
    return database_.query<std::vector<pipeline::PendingMessage>>(
        "load pending messages", [&](storage::Session& session) {
            std::vector<pipeline::PendingMessage> due;
            for (const long long id :
                 duePending(session, clock_.now(), static_cast<long long>(limit))) {
                const auto row = loadMessage(session, id);
                if (!row) continue;
                due.push_back({toItem(*row, pipeline::Errand::Reannotation)});
            }
            return due;
        });
}

base::Result<std::vector<pipeline::Item>> MessageQueries::after(std::int64_t id, std::int64_t last,
                                                                const pipeline::Selection& of,
                                                                std::size_t limit) {
    return database_.query<std::vector<pipeline::Item>>(
        "read stored messages", [&](storage::Session& session) {
            std::vector<pipeline::Item> items;
            const MessageRange range{id, last, of.since, of.until, of.source};
            for (const long long each : listMessages(session, range, static_cast<long long>(limit)))
                if (const auto row = loadMessage(session, each))
                    items.push_back(toItem(*row, pipeline::Errand::Reclassification));
            return items;
        });
}

base::Result<void> MessageQueries::askAgain(std::int64_t id) {
    return database_.write("ask classifiers again", [&](storage::Transaction& tx) {
        upsertPending(tx, {id, 0, clock_.now()});
    });
}

} // namespace hearback::messages
