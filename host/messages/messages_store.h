// The SQL of messages, their revisions, people and conversations. Used within the commit; throws
// storage::StorageFailure or SOCI's errors, which Database::write() catches.
#pragma once

#include "storage/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::messages {

std::vector<storage::Migration> migrations();

// A row of `message`.
struct MessageRow {
    long long id = 0;
    long long source_id = 0;
    std::string external_id;
    long long revision = 0;
    long long content_hash = 0;
    long long channel_id = 0;
    long long conversation_id = 0;
    long long identity_id = 0;
    long long occurred_at = 0;
    long long received_at = 0;
    long long deleted_at = 0;
    long long language_id = 0;
    long long sentiment_id = 0;
    long long topic_id = 0;
    long long spam = 0;
    long long rating = -1;
    long long team_id = 0;
    long long priority = 0;
    std::string body;
    std::string annotations;
    std::string route;
};

// The next free id; the caller counts on from it within the transaction.
long long nextMessageId(storage::Transaction& tx);
// False, and nothing written, where (source_id, external_id) is known.
bool insertMessage(storage::Transaction& tx, const MessageRow& row);
void updateMessage(storage::Transaction& tx, const MessageRow& row);
std::optional<MessageRow> findMessage(storage::Session& session, long long source_id,
                                      std::string_view external_id);
// Of messages that were not deleted: ids after `after` and up to `last`, in their order.
struct MessageRange {
    long long after = 0;
    long long last = 0;
    long long since = 0; // occurred at or after; 0: no beginning
    long long until = 0; // occurred before; 0: no end
    std::string source;  // empty: all
};
std::vector<long long> listMessages(storage::Session& session, const MessageRange& range,
                                    long long limit);
std::optional<MessageRow> loadMessage(storage::Session& session, long long id);

struct RevisionRow {
    long long message_id = 0;
    long long revision = 0;
    long long was_current = 1;
    long long content_hash = 0;
    long long received_at = 0;
    std::string body;
    std::string annotations;
};

void insertRevision(storage::Transaction& tx, const RevisionRow& row);
// Is there a revision with that number, or with that content?
bool hasRevision(storage::Transaction& tx, long long message_id, long long revision);
bool hasContent(storage::Transaction& tx, long long message_id, long long content_hash);
std::vector<RevisionRow> loadRevisions(storage::Session& session, long long message_id);

struct IdentityRow {
    long long source_id = 0;
    std::string external_id;
    std::string handle;
    std::string display_name;
    long long followers = -1;
    std::string url;
    long long first_seen_at = 0;
};

// Its id; a known one takes over what changed.
long long upsertIdentity(storage::Transaction& tx, const IdentityRow& row);

std::optional<long long> findConversation(storage::Session& session, long long source_id,
                                          std::string_view key);
long long insertConversation(storage::Transaction& tx, long long source_id, std::string_view key,
                             long long started_at);
// What a group of messages changes: how many are more in it, and when the first and the last of
// them were written.
struct ConversationChange {
    long long messages = 0;
    long long first_at = 0;
    long long last_at = 0;
};
void changeConversation(storage::Transaction& tx, long long id, const ConversationChange& change);
bool hasConversations(storage::Session& session, long long source_id);
// Puts a message that stood alone into a conversation; false where it does not exist or is in one.
bool joinConversation(storage::Transaction& tx, long long source_id, std::string_view external_id,
                      long long conversation_id);

struct PendingRow {
    long long message_id = 0;
    long long attempts = 0;
    long long due_at = 0;
};

void upsertPending(storage::Transaction& tx, const PendingRow& row);
std::optional<PendingRow> findPending(storage::Session& session, long long message_id);
void deletePending(storage::Transaction& tx, long long message_id);
std::vector<long long> duePending(storage::Session& session, long long now, long long limit);

} // namespace hearback::messages
