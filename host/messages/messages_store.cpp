#include "messages/messages_store.h"

#include "storage/dictionary.h"
#include "storage/sql.h"

namespace hearback::messages {

namespace {

using soci::into;
using soci::use;
using storage::intoBytes;
using storage::useBytes;

// The variables that the statements of `message` are bound to.
struct BoundMessage : MessageRow {};

struct InsertMessage : BoundMessage {
    soci::statement statement;
    explicit InsertMessage(soci::session& sql)
        : statement((
              sql.prepare << "INSERT INTO message (id, source_id, external_id, revision, "
                             "content_hash, channel_id, conversation_id, identity_id, occurred_at, "
                             "received_at, deleted_at, language_id, sentiment_id, topic_id, spam, "
                             "rating, team_id, priority, body, annotations, route) "
                             "VALUES (:a, :b, :c, :d, :e, :f, :g, :h, :i, :j, :k, :l, :m, :n, :o, "
                             ":p, :q, :r, :s, :t, :u) "
                             "ON CONFLICT (source_id, external_id) DO NOTHING",
              use(id), use(source_id), use(external_id), use(revision), use(content_hash),
              use(channel_id), use(conversation_id), use(identity_id), use(occurred_at),
              use(received_at), use(deleted_at), use(language_id), use(sentiment_id), use(topic_id),
              use(spam), use(rating), use(team_id), use(priority), useBytes(sql, body),
              useBytes(sql, annotations), useBytes(sql, route))) {}
};

struct UpdateMessage : BoundMessage {
    soci::statement statement;
    explicit UpdateMessage(soci::session& sql)
        : statement((sql.prepare
                         << "UPDATE message SET revision = :d, content_hash = :e, channel_id = :f, "
                            "conversation_id = :g, identity_id = :h, occurred_at = :i, "
                            "received_at = :j, deleted_at = :k, language_id = :l, "
                            "sentiment_id = :m, topic_id = :n, spam = :o, rating = :p, "
                            "team_id = :q, priority = :r, body = :s, annotations = :t, route = :u "
                            "WHERE id = :a",
                     use(revision), use(content_hash), use(channel_id), use(conversation_id),
                     use(identity_id), use(occurred_at), use(received_at), use(deleted_at),
                     use(language_id), use(sentiment_id), use(topic_id), use(spam), use(rating),
                     use(team_id), use(priority), useBytes(sql, body), useBytes(sql, annotations),
                     useBytes(sql, route), use(id))) {}
};

#define HEARBACK_MESSAGE_COLUMNS                                                                   \
    "SELECT id, source_id, external_id, revision, content_hash, channel_id, conversation_id, "     \
    "identity_id, occurred_at, received_at, deleted_at, language_id, sentiment_id, topic_id, "     \
    "spam, rating, team_id, priority, body, annotations, route FROM message "

template <class Statement>
auto intoMessage(soci::session& sql, Statement&& prepare, MessageRow& row) {
    return (prepare, into(row.id), into(row.source_id), into(row.external_id), into(row.revision),
            into(row.content_hash), into(row.channel_id), into(row.conversation_id),
            into(row.identity_id), into(row.occurred_at), into(row.received_at),
            into(row.deleted_at), into(row.language_id), into(row.sentiment_id), into(row.topic_id),
            into(row.spam), into(row.rating), into(row.team_id), into(row.priority),
            intoBytes(sql, row.body), intoBytes(sql, row.annotations), intoBytes(sql, row.route));
}

struct SelectMessageByKey {
    MessageRow row;
    long long source_id = 0;
    std::string external_id;
    soci::statement statement;
    explicit SelectMessageByKey(soci::session& sql)
        : statement((intoMessage(sql,
                                 sql.prepare << HEARBACK_MESSAGE_COLUMNS
                                     "WHERE source_id = :source AND external_id = :external",
                                 row),
                     use(source_id), use(external_id))) {}
};

struct SelectMessageById {
    MessageRow row;
    long long id = 0;
    soci::statement statement;
    explicit SelectMessageById(soci::session& sql)
        : statement(
              (intoMessage(sql, sql.prepare << HEARBACK_MESSAGE_COLUMNS "WHERE id = :id", row),
               use(id))) {}
};

struct UpsertIdentity {
    IdentityRow row;
    long long id = 0;
    soci::statement statement;
    explicit UpsertIdentity(soci::session& sql)
        : statement((sql.prepare
                         << "INSERT INTO identity (id, source_id, external_id, handle, "
                            "display_name, followers, url, first_seen_at) VALUES "
                            "((SELECT coalesce(max(id), 0) + 1 FROM identity), :source, :external, "
                            ":handle, :name, :followers, :url, :seen) "
                            "ON CONFLICT (source_id, external_id) DO UPDATE SET "
                            "handle = excluded.handle, display_name = excluded.display_name, "
                            "followers = excluded.followers, url = excluded.url",
                     use(row.source_id), use(row.external_id), use(row.handle),
                     use(row.display_name), use(row.followers), use(row.url),
                     use(row.first_seen_at))) {}
};

struct SelectIdentityId {
    long long source_id = 0;
    std::string external_id;
    long long id = 0;
    soci::statement statement;
    explicit SelectIdentityId(soci::session& sql)
        : statement((sql.prepare << "SELECT id FROM identity WHERE source_id = :source AND "
                                    "external_id = :external",
                     into(id), use(source_id), use(external_id))) {}
};

struct SelectConversation {
    long long source_id = 0;
    std::string key;
    long long id = 0;
    soci::statement statement;
    explicit SelectConversation(soci::session& sql)
        : statement((
              sql.prepare << "SELECT id FROM conversation WHERE source_id = :source AND key = :key",
              into(id), use(source_id), use(key))) {}
};

struct UpdateConversation {
    long long id = 0;
    ConversationChange change;
    soci::statement statement;
    explicit UpdateConversation(soci::session& sql)
        : statement(
              (sql.prepare << "UPDATE conversation SET messages = messages + :n, last_message_at = "
                              "CASE WHEN last_message_at > :a THEN last_message_at ELSE :b END, "
                              "started_at = CASE WHEN started_at < :c THEN started_at ELSE :d END "
                              "WHERE id = :id",
               use(change.messages), use(change.last_at), use(change.last_at), use(change.first_at),
               use(change.first_at), use(id))) {}
};

} // namespace

long long nextMessageId(storage::Transaction& tx) {
    long long id = 0;
    tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM message", into(id);
    return id;
}

bool insertMessage(storage::Transaction& tx, const MessageRow& row) {
    auto& insert = tx.kept<InsertMessage>();
    static_cast<MessageRow&>(insert) = row;
    insert.statement.execute(true);
    return insert.statement.get_affected_rows() == 1;
}

void updateMessage(storage::Transaction& tx, const MessageRow& row) {
    auto& update = tx.kept<UpdateMessage>();
    static_cast<MessageRow&>(update) = row;
    update.statement.execute(true);
}

std::optional<MessageRow> findMessage(storage::Session& session, long long source_id,
                                      std::string_view external_id) {
    auto& select = session.kept<SelectMessageByKey>();
    select.source_id = source_id;
    select.external_id = external_id;
    if (!storage::selectOne(select.statement)) return std::nullopt;
    return select.row;
}

std::optional<MessageRow> loadMessage(storage::Session& session, long long id) {
    auto& select = session.kept<SelectMessageById>();
    select.id = id;
    if (!storage::selectOne(select.statement)) return std::nullopt;
    return select.row;
}

std::vector<long long> listMessages(storage::Session& session, const MessageRange& range,
                                    long long limit) {
    // The sums keep the planner at the key: with the index of times it would sort all for each
    // step.
    std::string text = "SELECT id FROM message WHERE id > :after AND id <= :last AND "
                       "deleted_at = 0 AND "
                       "(CAST(:since AS BIGINT) = 0 OR occurred_at + 0 >= :since) AND "
                       "(CAST(:until AS BIGINT) = 0 OR occurred_at + 0 < :until)";
    if (!range.source.empty())
        text += " AND source_id + 0 = (SELECT id FROM term WHERE kind = " +
                std::to_string(static_cast<int>(storage::Term::Source)) + " AND word = :source)";
    text += " ORDER BY id LIMIT :limit";
    std::vector<long long> ids;
    long long id = 0;
    soci::statement select(session.sql());
    select.exchange(into(id));
    select.exchange(use(range.after, "after"));
    select.exchange(use(range.last, "last"));
    select.exchange(use(range.since, "since"));
    select.exchange(use(range.until, "until"));
    if (!range.source.empty()) select.exchange(use(range.source, "source"));
    select.exchange(use(limit, "limit"));
    select.alloc();
    select.prepare(text);
    select.define_and_bind();
    select.execute();
    while (select.fetch()) ids.push_back(id);
    return ids;
}

void insertRevision(storage::Transaction& tx, const RevisionRow& row) {
    tx.sql() << "INSERT INTO message_revision (id, message_id, revision, was_current, "
                "content_hash, received_at, body, annotations) VALUES "
                "((SELECT coalesce(max(id), 0) + 1 FROM message_revision), :message, :revision, "
                ":current, :hash, :received, :body, :annotations)",
        use(row.message_id), use(row.revision), use(row.was_current), use(row.content_hash),
        use(row.received_at), useBytes(tx.sql(), row.body), useBytes(tx.sql(), row.annotations);
}

bool hasRevision(storage::Transaction& tx, long long message_id, long long revision) {
    long long found = 0;
    tx.sql() << "SELECT count(*) FROM message_revision WHERE message_id = :message AND "
                "revision = :revision",
        into(found), use(message_id), use(revision);
    return found > 0;
}

bool hasContent(storage::Transaction& tx, long long message_id, long long content_hash) {
    long long found = 0;
    tx.sql() << "SELECT count(*) FROM message_revision WHERE message_id = :message AND "
                "content_hash = :hash",
        into(found), use(message_id), use(content_hash);
    return found > 0;
}

std::vector<RevisionRow> loadRevisions(storage::Session& session, long long message_id) {
    std::vector<RevisionRow> rows;
    RevisionRow row;
    soci::statement select =
        (session.sql().prepare
             << "SELECT message_id, revision, content_hash, received_at, body, annotations "
                "FROM message_revision WHERE message_id = :message ORDER BY revision",
         into(row.message_id), into(row.revision), into(row.content_hash), into(row.received_at),
         intoBytes(session.sql(), row.body), intoBytes(session.sql(), row.annotations),
         use(message_id));
    select.execute();
    while (select.fetch()) rows.push_back(row);
    return rows;
}

long long upsertIdentity(storage::Transaction& tx, const IdentityRow& row) {
    auto& upsert = tx.kept<UpsertIdentity>();
    upsert.row = row;
    upsert.statement.execute(true);
    auto& select = tx.kept<SelectIdentityId>();
    select.source_id = row.source_id;
    select.external_id = row.external_id;
    storage::selectOne(select.statement);
    return select.id;
}

std::optional<long long> findConversation(storage::Session& session, long long source_id,
                                          std::string_view key) {
    auto& select = session.kept<SelectConversation>();
    select.source_id = source_id;
    select.key = key;
    if (!storage::selectOne(select.statement)) return std::nullopt;
    return select.id;
}

long long insertConversation(storage::Transaction& tx, long long source_id, std::string_view key,
                             long long started_at) {
    long long id = 0;
    tx.sql() << "SELECT coalesce(max(id), 0) + 1 FROM conversation", into(id);
    const std::string text(key);
    tx.sql() << "INSERT INTO conversation (id, source_id, key, started_at, last_message_at, "
                "messages) VALUES (:id, :source, :key, :started, :last, 0)",
        use(id), use(source_id), use(text), use(started_at), use(started_at);
    return id;
}

void changeConversation(storage::Transaction& tx, long long id, const ConversationChange& change) {
    auto& update = tx.kept<UpdateConversation>();
    update.id = id;
    update.change = change;
    update.statement.execute(true);
}

bool hasConversations(storage::Session& session, long long source_id) {
    long long found = 0;
    session.sql() << "SELECT count(*) FROM (SELECT 1 FROM conversation WHERE source_id = :source "
                     "LIMIT 1) AS one",
        into(found), use(source_id);
    return found > 0;
}

bool joinConversation(storage::Transaction& tx, long long source_id, std::string_view external_id,
                      long long conversation_id) {
    const std::string text(external_id);
    soci::statement update =
        (tx.sql().prepare << "UPDATE message SET conversation_id = :conversation WHERE "
                             "source_id = :source AND external_id = :external AND "
                             "conversation_id = 0",
         use(conversation_id), use(source_id), use(text));
    update.execute(true);
    return update.get_affected_rows() == 1;
}

void upsertPending(storage::Transaction& tx, const PendingRow& row) {
    tx.sql() << "INSERT INTO pending_annotation (message_id, attempts, due_at) "
                "VALUES (:message, :attempts, :due) ON CONFLICT (message_id) DO UPDATE SET "
                "attempts = excluded.attempts, due_at = excluded.due_at",
        use(row.message_id), use(row.attempts), use(row.due_at);
}

std::optional<PendingRow> findPending(storage::Session& session, long long message_id) {
    PendingRow row;
    session.sql() << "SELECT message_id, attempts, due_at FROM pending_annotation "
                     "WHERE message_id = :message",
        into(row.message_id), into(row.attempts), into(row.due_at), use(message_id);
    if (!session.sql().got_data()) return std::nullopt;
    return row;
}

void deletePending(storage::Transaction& tx, long long message_id) {
    tx.sql() << "DELETE FROM pending_annotation WHERE message_id = :message", use(message_id);
}

std::vector<long long> duePending(storage::Session& session, long long now, long long limit) {
    std::vector<long long> ids;
    long long id = 0;
    soci::statement select =
        (session.sql().prepare << "SELECT message_id FROM pending_annotation WHERE due_at <= :now "
                                  "ORDER BY due_at, message_id LIMIT :limit",
         into(id), use(now), use(limit));
    select.execute();
    while (select.fetch()) ids.push_back(id);
    return ids;
}

} // namespace hearback::messages
