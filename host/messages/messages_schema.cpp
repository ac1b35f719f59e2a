#include "messages/messages_store.h"

namespace hearback::messages {

// Rows are slim: words are numbers of the dictionary, the message itself lies once, in `body`.
// Each index has the query that needs it beside it.
std::vector<storage::Migration> migrations() {
    return {
        {"messages",
         1,
         {// body: FeedbackMessage, annotations: AnnotationSet, route: Route. rating in thousandths
          // of its scale, -1 for none. deleted_at 0: it is there.
          "CREATE TABLE message (id $id, source_id BIGINT NOT NULL, external_id TEXT NOT NULL, "
          "revision BIGINT NOT NULL, content_hash BIGINT NOT NULL, channel_id BIGINT NOT NULL, "
          "conversation_id BIGINT NOT NULL, identity_id BIGINT NOT NULL, "
          "occurred_at BIGINT NOT NULL, received_at BIGINT NOT NULL, deleted_at BIGINT NOT NULL, "
          "language_id BIGINT NOT NULL, sentiment_id BIGINT NOT NULL, topic_id BIGINT NOT NULL, "
          "spam BIGINT NOT NULL, rating BIGINT NOT NULL, team_id BIGINT NOT NULL, "
          "priority BIGINT NOT NULL, body $bytes NOT NULL, annotations $bytes NOT NULL, "
          "route $bytes NOT NULL)",
          // Is it known?
          "CREATE UNIQUE INDEX message_key ON message (source_id, external_id)",
          // Newest first.
          "CREATE INDEX message_time ON message (occurred_at)",
          // The others of a conversation; most messages stand alone.
          "CREATE INDEX message_conversation ON message (conversation_id) "
          "WHERE conversation_id <> 0",

          // What an edit made history. was_current 0: it arrived when a newer one was there.
          "CREATE TABLE message_revision (id $id, message_id BIGINT NOT NULL, "
          "revision BIGINT NOT NULL, was_current BIGINT NOT NULL, "
          "content_hash BIGINT NOT NULL, received_at BIGINT NOT NULL, "
          "body $bytes NOT NULL, annotations $bytes NOT NULL)",
          "CREATE UNIQUE INDEX message_revision_key ON message_revision (message_id, revision)",

          // A handle on one source.
          "CREATE TABLE identity (id $id, source_id BIGINT NOT NULL, external_id TEXT NOT NULL, "
          "handle TEXT NOT NULL, display_name TEXT NOT NULL, followers BIGINT NOT NULL, "
          "url TEXT NOT NULL, first_seen_at BIGINT NOT NULL)",
          "CREATE UNIQUE INDEX identity_key ON identity (source_id, external_id)",

          // Messages that belong together. A message that stands alone has none.
          "CREATE TABLE conversation (id $id, source_id BIGINT NOT NULL, key TEXT NOT NULL, "
          "started_at BIGINT NOT NULL, last_message_at BIGINT NOT NULL, "
          "messages BIGINT NOT NULL)",
          "CREATE UNIQUE INDEX conversation_key ON conversation (source_id, key)",

          // Classifiers that still have to answer; which, stands in message.annotations.
          "CREATE TABLE pending_annotation (message_id $id, attempts BIGINT NOT NULL, "
          "due_at BIGINT NOT NULL)",
          "CREATE INDEX pending_annotation_due ON pending_annotation (due_at)"}}};
}

} // namespace hearback::messages
