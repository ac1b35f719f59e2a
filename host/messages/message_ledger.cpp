#include "messages/message_ledger.h"

#include "base/check.h"
#include "base/fingerprint.h"
#include "messages/answers.h"
#include "messages/content_hash.h"
#include "storage/sql.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <utility>

namespace hearback::messages {

using pipeline::Batch;
using pipeline::DeadLetter;
using pipeline::Item;
using pipeline::Outcome;

namespace {

// More people than this are looked up in the table again.
constexpr std::size_t kKnownIdentitiesMax = 100000;
constexpr base::Micros kFirstRetry = 10 * base::kSecond;

const std::string& labelOf(const v1::AnnotationSet& set, std::string_view task) {
    static const std::string kNone;
    for (const v1::Annotation& annotation : set.annotations())
        if (annotation.task() == task) return annotation.label();
    return kNone;
}

long long ratingInThousandths(const v1::FeedbackMessage& message) {
    if (!message.has_rating()) return -1;
    const auto& rating = message.rating();
    const double span = rating.scale_max() - rating.scale_min();
    if (!(span > 0) || !std::isfinite(rating.value())) return -1;
    const double share = std::clamp((rating.value() - rating.scale_min()) / span, 0.0, 1.0);
    return std::llround(share * 1000);
}

std::optional<pipeline::Facts> factsOf(const MessageRow& row) {
    if (row.deleted_at != 0) return std::nullopt;
    pipeline::Facts facts;
    facts.source = row.source_id;
    facts.channel = row.channel_id;
    facts.language = row.language_id;
    facts.sentiment = row.sentiment_id;
    facts.topic = row.topic_id;
    facts.spam = row.spam != 0;
    facts.occurred_at = row.occurred_at;
    if (row.rating >= 0) facts.rating = static_cast<double>(row.rating) / 1000;
    return facts;
}

} // namespace

// Writes one group: holds what is known within this transaction only.
class GroupWriter {
  public:
    GroupWriter(MessageLedger& ledger, storage::Transaction& tx)
        : ledger_(ledger), tx_(tx), dictionary_(ledger.dictionary_), now_(ledger.clock_.now()),
          next_id_(nextMessageId(tx)), fresh_(std::make_shared<MessageLedger::Identities>()) {}

    void write(Batch& batch) {
        const long long source = dictionary_.idOf(tx_, storage::Term::Source, batch.source);
        for (Item& item : batch.items) {
            if (item.errand == pipeline::Errand::Arrival)
                arrive(item, source);
            else
                reannotate(item, batch);
        }
    }
    void finish();

  private:
    void noteInConversation(long long id, long long messages, long long at);

    void arrive(Item& item, long long source);
    void meetKnown(Item& item, MessageRow row);
    void revise(Item& item, const MessageRow& known, MessageRow row);
    void keepAsHistory(const MessageRow& row, bool was_current);
    void reannotate(Item& item, Batch& batch);
    void askAgain(const Item& item, Batch& batch);
    void notePending(const Item& item);

    MessageRow toRow(const Item& item, long long source);
    void fillRow(MessageRow& row, const Item& item);
    long long identityOf(const v1::FeedbackMessage& message, long long source);
    long long conversationOf(const v1::FeedbackMessage& message, long long source);
    long long conversationByKey(const std::string& key, long long source, long long started_at);
    bool sourceHasConversations(long long source);

    MessageLedger& ledger_;
    storage::Transaction& tx_;
    storage::Dictionary& dictionary_;
    base::Micros now_;
    long long next_id_;
    std::shared_ptr<MessageLedger::Identities> fresh_;
    std::map<long long, ConversationChange> conversations_;
    long long joined_ = 0; // the parent that the last conversationOf() brought into one
    std::map<long long, bool> has_conversations_;
};

void MessageLedger::write(storage::Transaction& tx, std::vector<Batch>& group) {
    GroupWriter writer(*this, tx);
    for (Batch& batch : group) writer.write(batch);
    writer.finish();
}

void GroupWriter::finish() {
    for (const auto& [id, change] : conversations_) changeConversation(tx_, id, change);
    // Not before: ids of a transaction that is rolled back mean nothing.
    tx_.afterCommit([&ledger = ledger_, fresh = fresh_] {
        if (ledger.identities_.size() + fresh->size() > kKnownIdentitiesMax)
            ledger.identities_.clear();
        for (const auto& [key, known] : *fresh) ledger.identities_[key] = known;
    });
}

void GroupWriter::arrive(Item& item, long long source) {
    MessageRow row = toRow(item, source);
    item.joined_id = std::exchange(joined_, 0);
    row.id = next_id_;
    if (!insertMessage(tx_, row)) {
        meetKnown(item, std::move(row));
        return;
    }
    ++next_id_;
    item.message_id = row.id;
    item.revision = row.revision;
    item.conversation_id = row.conversation_id;
    item.outcome = row.deleted_at != 0 ? Outcome::Deleted : Outcome::Inserted;
    item.now = factsOf(row);
    noteInConversation(row.conversation_id, 1, row.occurred_at);
    notePending(item);
}

void GroupWriter::meetKnown(Item& item, MessageRow row) {
    const auto known = findMessage(tx_.session(), row.source_id, row.external_id);
    HB_ASSERT(known.has_value());
    item.message_id = known->id;
    item.revision = known->revision;
    item.conversation_id = known->conversation_id;
    item.outcome = Outcome::Duplicate;
    if (item.message.has_revision()) {
        if (row.revision > known->revision) {
            revise(item, *known, std::move(row));
        } else if (row.revision < known->revision && !hasRevision(tx_, known->id, row.revision)) {
            row.id = known->id;
            keepAsHistory(row, false);
            item.revision = row.revision;
            item.outcome = Outcome::Superseded;
        }
    } else if (row.content_hash != known->content_hash &&
               !hasContent(tx_, known->id, row.content_hash)) {
        row.revision = known->revision + 1;
        revise(item, *known, std::move(row));
    }
}

void GroupWriter::revise(Item& item, const MessageRow& known, MessageRow row) {
    keepAsHistory(known, true);
    row.id = known.id;
    if (row.conversation_id == 0) row.conversation_id = known.conversation_id;
    const bool moves = row.conversation_id != known.conversation_id;
    if (moves) noteInConversation(known.conversation_id, -1, known.occurred_at);
    noteInConversation(row.conversation_id, moves ? 1 : 0, row.occurred_at);
    item.message.set_revision(row.revision);
    row.body = item.message.SerializeAsString();
    updateMessage(tx_, row);
    item.revision = row.revision;
    item.conversation_id = row.conversation_id;
    item.outcome = row.deleted_at != 0 ? Outcome::Deleted : Outcome::Revised;
    item.before = factsOf(known);
    item.now = factsOf(row);
    deletePending(tx_, row.id);
    notePending(item);
}

void GroupWriter::keepAsHistory(const MessageRow& row, bool was_current) {
    insertRevision(tx_, {row.id, row.revision, was_current ? 1 : 0, row.content_hash,
                         row.received_at, row.body, row.annotations});
}

void GroupWriter::notePending(const Item& item) {
    if (item.annotations.pending_size() == 0) return;
    upsertPending(tx_, {item.message_id, 1, now_ + kFirstRetry});
}

void GroupWriter::reannotate(Item& item, Batch& batch) {
    const auto known = loadMessage(tx_.session(), item.message_id);
    // Edited meanwhile: the edit has its own questions.
    if (!known || known->revision != item.revision || known->deleted_at != 0) {
        item.outcome = Outcome::Duplicate;
        return;
    }
    MessageRow row = *known;
    takeOver(item, *known);
    fillRow(row, item);
    updateMessage(tx_, row);
    item.conversation_id = known->conversation_id;
    item.outcome = Outcome::Annotated;
    item.before = factsOf(*known);
    item.now = factsOf(row);
    if (item.annotations.pending_size() == 0)
        deletePending(tx_, item.message_id);
    else if (item.errand == pipeline::Errand::Reannotation)
        askAgain(item, batch);
}

void GroupWriter::askAgain(const Item& item, Batch& batch) {
    const auto pending = findPending(tx_.session(), item.message_id);
    const long long attempts = (pending ? pending->attempts : 0) + 1;
    if (attempts < kAnnotationAttemptsMax) {
        const base::Micros wait = kFirstRetry << std::min<long long>(attempts, 12);
        upsertPending(tx_, {item.message_id, attempts, now_ + std::min(wait, base::kHour)});
        return;
    }
    deletePending(tx_, item.message_id);
    DeadLetter letter;
    letter.stage = DeadLetter::Stage::Enrich;
    letter.source = item.message.source();
    letter.position = item.message.external_id();
    letter.cause = "did not answer in " + std::to_string(kAnnotationAttemptsMax) + " attempts:";
    for (const std::string& name : item.annotations.pending()) letter.cause += " " + name;
    letter.kind = DeadLetter::Payload::Annotation;
    letter.payload = std::to_string(item.message_id);
    batch.dead_letters.push_back(std::move(letter));
}

MessageRow GroupWriter::toRow(const Item& item, long long source) {
    const v1::FeedbackMessage& message = item.message;
    MessageRow row;
    row.source_id = source;
    row.external_id = message.external_id();
    row.revision = message.revision();
    row.content_hash = contentHash(message);
    row.channel_id = dictionary_.idOf(tx_, storage::Term::Channel, message.channel());
    row.occurred_at = message.occurred_at_us();
    row.received_at = message.received_at_us();
    row.deleted_at = message.deleted_at_us();
    row.rating = ratingInThousandths(message);
    row.identity_id = identityOf(message, source);
    row.conversation_id = conversationOf(message, source);
    fillRow(row, item);
    return row;
}

// What classifiers and rules say, and the message itself, whose language they may have set.
void GroupWriter::fillRow(MessageRow& row, const Item& item) {
    using storage::Term;
    row.language_id = dictionary_.idOf(tx_, Term::Language, item.message.language());
    row.sentiment_id =
        dictionary_.idOf(tx_, Term::Sentiment, labelOf(item.annotations, "sentiment"));
    row.topic_id = dictionary_.idOf(tx_, Term::Topic, labelOf(item.annotations, "topic"));
    row.spam = labelOf(item.annotations, "spam") == "spam" ? 1 : 0;
    row.team_id = dictionary_.idOf(tx_, Term::Team, item.route.team());
    row.priority = item.route.priority();
    row.body = item.message.SerializeAsString();
    row.annotations = item.annotations.SerializeAsString();
    row.route = item.route.SerializeAsString();
}

long long GroupWriter::identityOf(const v1::FeedbackMessage& message, long long source) {
    const v1::Author& author = message.author();
    IdentityRow row;
    row.source_id = source;
    row.external_id = author.external_id().empty() ? author.handle() : author.external_id();
    if (row.external_id.empty()) return 0;
    row.handle = author.handle();
    row.display_name = author.display_name();
    row.followers = author.has_followers() ? author.followers() : -1;
    row.url = author.url();
    row.first_seen_at = now_;
    base::Fingerprint print;
    print.add(row.handle).add(row.display_name).add(row.followers).add(row.url);
    const std::string key = std::to_string(source) + "/" + row.external_id;
    for (const auto* map : {fresh_.get(), &ledger_.identities_}) {
        const auto found = map->find(key);
        if (found == map->end()) continue;
        if (found->second.fingerprint == print.value()) return found->second.id;
        break;
    }
    const long long id = upsertIdentity(tx_, row);
    (*fresh_)[key] = {id, print.value()};
    return id;
}

// A conversation is named by the channel, or by the message that began it. A message that stands
// alone is in none; the first answer to it makes one for both.
long long GroupWriter::conversationOf(const v1::FeedbackMessage& message, long long source) {
    const base::Micros at = message.occurred_at_us();
    if (!message.conversation_key().empty())
        return conversationByKey(message.conversation_key(), source, at);
    if (!message.parent_external_id().empty()) {
        const std::string& parent_id = message.parent_external_id();
        const auto parent = findMessage(tx_.session(), source, parent_id);
        if (parent && parent->conversation_id != 0) return parent->conversation_id;
        const long long id =
            conversationByKey(parent_id, source, parent ? parent->occurred_at : at);
        if (joinConversation(tx_, source, parent_id, id)) {
            noteInConversation(id, 1, parent->occurred_at);
            joined_ = parent->id;
        }
        return id;
    }
    // Answers may have arrived before what they answer.
    if (!sourceHasConversations(source)) return 0;
    return findConversation(tx_.session(), source, message.external_id()).value_or(0);
}

void GroupWriter::noteInConversation(long long id, long long messages, long long at) {
    if (id == 0) return;
    ConversationChange& change =
        conversations_.try_emplace(id, ConversationChange{0, at, at}).first->second;
    change.messages += messages;
    change.first_at = std::min(change.first_at, at);
    change.last_at = std::max(change.last_at, at);
}

long long GroupWriter::conversationByKey(const std::string& key, long long source,
                                         long long started_at) {
    if (const auto id = findConversation(tx_.session(), source, key)) return *id;
    has_conversations_[source] = true;
    return insertConversation(tx_, source, key, started_at);
}

bool GroupWriter::sourceHasConversations(long long source) {
    const auto known = has_conversations_.find(source);
    if (known != has_conversations_.end()) return known->second;
    return has_conversations_[source] = hasConversations(tx_.session(), source);
}

} // namespace hearback::messages
