#include "support/invariants.h"

#include "commit/checkpoints.h"
#include "dead_letters/dead_letters.h"
#include "messages/messages_store.h"
#include "storage/dictionary.h"
#include "storage/sql.h"

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/feedback.pb.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

namespace hearback::testing {

namespace {

using messages::MessageRow;
using pipeline::DeadLetter;

constexpr long long kHour = 3'600'000'000;

// By source: how many of its inputs were read.
using Checkpoints = std::map<std::string, std::size_t>;

// One revision of a message, present or past.
struct Kept {
    long long revision = 0;
    std::string text;
    bool is_deletion = false;
    bool is_current = false;
    bool was_current = true;

    std::string name(const std::string& id) const {
        return id + " revision " + std::to_string(revision) + " \"" + text + "\"" +
               (is_deletion ? " (deleted)" : "");
    }
};

struct Found {
    MessageRow row;
    std::string source;
    v1::AnnotationSet annotations;
    v1::Route route;
    std::vector<Kept> kept;
};

Kept keptOf(const std::string& body, long long revision) {
    v1::FeedbackMessage message;
    message.ParseFromString(body);
    Kept kept;
    kept.revision = revision;
    kept.text = message.text();
    kept.is_deletion = message.deleted_at_us() != 0;
    return kept;
}

template <class Number>
std::vector<Number> numbers(storage::Session& session, const std::string& select) {
    std::vector<Number> all;
    Number number{};
    soci::statement statement = (session.sql().prepare << select, soci::into(number));
    statement.execute();
    while (statement.fetch()) all.push_back(number);
    return all;
}

class Inspection {
  public:
    Inspection(storage::Session& session, std::vector<dead_letters::StoredLetter> letters)
        : session_(session), letters_(std::move(letters)) {
        load();
    }

    void checkInput(const PutIn& put_in, const Checkpoints& checkpoints);
    void checkRollups();
    void checkOutbox();
    void checkConversations();
    void checkPeople();
    void checkPending();
    std::string wrong() const { return wrong_; }

  private:
    using Cell = std::array<long long, 6>;
    using Counts = std::array<long long, 4>;

    void load();
    void say(const std::string& what) { wrong_ += (wrong_.empty() ? "" : "\n") + what; }
    bool isKept(const std::string& source, const Input& input);
    void checkKept(const std::string& source, const std::vector<Input>& inputs);
    void compareRollup(const std::string& table, long long bucket);

    storage::Session& session_;
    storage::Dictionary dictionary_;
    std::vector<dead_letters::StoredLetter> letters_;
    std::map<long long, Found> messages_;
    std::map<std::pair<std::string, std::string>, long long> ids_;
    std::string wrong_;
};

void Inspection::load() {
    for (const long long id : numbers<long long>(session_, "SELECT id FROM message ORDER BY id")) {
        Found found;
        found.row = *messages::loadMessage(session_, id);
        found.source = dictionary_.wordOf(session_, found.row.source_id);
        found.annotations.ParseFromString(found.row.annotations);
        found.route.ParseFromString(found.row.route);
        for (const auto& past : messages::loadRevisions(session_, id)) {
            found.kept.push_back(keptOf(past.body, past.revision));
            long long was_current = 0;
            session_.sql() << "SELECT was_current FROM message_revision WHERE message_id = :id AND "
                              "revision = :revision",
                soci::into(was_current), soci::use(id), soci::use(past.revision);
            found.kept.back().was_current = was_current != 0;
        }
        found.kept.push_back(keptOf(found.row.body, found.row.revision));
        found.kept.back().is_current = true;
        ids_[{found.source, found.row.external_id}] = id;
        messages_[id] = std::move(found);
    }
}

bool Inspection::isKept(const std::string& source, const Input& input) {
    for (const auto& stored : letters_) {
        if (stored.letter.source != source) continue;
        if (input.is_reject && stored.letter.kind == DeadLetter::Payload::Raw &&
            stored.letter.payload == input.text)
            return true;
        if (!input.is_reject && stored.letter.kind == DeadLetter::Payload::Message &&
            stored.letter.position == input.external_id)
            return true;
    }
    const auto id = ids_.find({source, input.external_id});
    if (input.is_reject || id == ids_.end()) return false;
    const auto& kept = messages_.at(id->second).kept;
    return std::any_of(kept.begin(), kept.end(), [&](const Kept& each) {
        return each.text == input.text && each.is_deletion == input.is_deletion &&
               (input.revision < 0 || each.revision == input.revision);
    });
}

void Inspection::checkInput(const PutIn& put_in, const Checkpoints& checkpoints) {
    for (const auto& [source, inputs] : put_in) {
        const std::size_t read = checkpoints.at(source);
        if (read > inputs.size())
            say("source " + source + ": the checkpoint " + std::to_string(read) +
                " is ahead of what was put in");
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (isKept(source, inputs[i])) continue;
            const std::string what = "source " + source + ": lost: input " + std::to_string(i) +
                                     " (" + inputs[i].external_id + " \"" + inputs[i].text + "\")";
            if (inputs[i].is_acknowledged) say(what + ", which was acknowledged");
            if (i < read) say(what + ", which lies before the checkpoint " + std::to_string(read));
        }
        checkKept(source, inputs);
    }
}

// Nothing of a source is there that was not put in, and nothing twice.
void Inspection::checkKept(const std::string& source, const std::vector<Input>& inputs) {
    for (const auto& entry : messages_) {
        const Found& found = entry.second; // clang 14 captures no bindings
        if (found.source != source) continue;
        std::set<std::pair<std::string, bool>> seen;
        for (const Kept& kept : found.kept) {
            const std::string name = kept.name(found.row.external_id);
            const bool is_known =
                std::any_of(inputs.begin(), inputs.end(), [&](const Input& input) {
                    return !input.is_reject && input.external_id == found.row.external_id &&
                           input.text == kept.text && input.is_deletion == kept.is_deletion;
                });
            if (!is_known) say("source " + source + ": never put in: " + name);
            if (!seen.emplace(kept.text, kept.is_deletion).second)
                say("source " + source + ": stored twice: " + name);
            if (!kept.is_current && kept.revision >= found.row.revision)
                say("source " + source + ": history that is newer than the message: " + name);
        }
    }
    for (const auto& stored : letters_) {
        if (stored.letter.source != source || stored.letter.kind != DeadLetter::Payload::Raw)
            continue;
        if (std::none_of(inputs.begin(), inputs.end(), [&](const Input& input) {
                return input.is_reject && input.text == stored.letter.payload;
            }))
            say("source " + source + ": a dead letter of what was never put in");
    }
}

void Inspection::compareRollup(const std::string& table, long long bucket) {
    std::map<Cell, Counts> counted;
    for (const auto& [id, found] : messages_) {
        const MessageRow& row = found.row;
        if (row.deleted_at != 0) continue;
        Counts& counts = counted[{row.occurred_at / bucket, row.source_id, row.channel_id,
                                  row.language_id, row.topic_id, row.sentiment_id}];
        counts[0] += 1;
        counts[1] += row.spam;
        counts[2] += row.rating >= 0 ? 1 : 0;
        counts[3] += std::max(0LL, row.rating);
    }
    Cell cell{};
    Counts counts{};
    soci::statement select =
        (session_.sql().prepare << "SELECT bucket, source_id, channel_id, language_id, topic_id, "
                                   "sentiment_id, messages, spam, rated, rating_sum FROM " +
                                       table,
         soci::into(cell[0]), soci::into(cell[1]), soci::into(cell[2]), soci::into(cell[3]),
         soci::into(cell[4]), soci::into(cell[5]), soci::into(counts[0]), soci::into(counts[1]),
         soci::into(counts[2]), soci::into(counts[3]));
    select.execute();
    while (select.fetch()) {
        const Counts recount = counted[cell];
        counted.erase(cell);
        if (recount != counts)
            say(table + ": a cell counts " + std::to_string(counts[0]) + " messages, " +
                std::to_string(counts[1]) + " of them spam, " + std::to_string(counts[2]) +
                " rated; there are " + std::to_string(recount[0]) + ", " +
                std::to_string(recount[1]) + ", " + std::to_string(recount[2]));
    }
    for (const auto& [left, recount] : counted)
        say(table + ": counts nothing where there are " + std::to_string(recount[0]) + " messages");
}

void Inspection::checkRollups() {
    compareRollup("rollup_hour", kHour);
    compareRollup("rollup_day", 24 * kHour);
}

void Inspection::checkOutbox() {
    // message -> revision -> sinks
    std::map<long long, std::map<long long, std::multiset<std::string>>> told;
    long long message = 0;
    long long revision = 0;
    long long sink = 0;
    soci::statement select =
        (session_.sql().prepare << "SELECT message_id, revision, sink_id FROM outbox "
                                   "WHERE action_id = 0 AND state <> 4",
         soci::into(message), soci::into(revision), soci::into(sink));
    select.execute();
    std::vector<std::array<long long, 3>> rows;
    while (select.fetch()) rows.push_back({message, revision, sink});
    for (const auto& [of, number, to] : rows)
        told[of][number].insert(dictionary_.wordOf(session_, to));
    for (const auto& [id, revisions] : told) {
        const auto found = messages_.find(id);
        if (found == messages_.end()) {
            say("outbox: a row of message " + std::to_string(id) + ", which is not there");
            continue;
        }
        for (const auto& [number, sinks] : revisions) {
            const auto& kept = found->second.kept;
            if (std::none_of(kept.begin(), kept.end(), [&, of = number](const Kept& each) {
                    return each.revision == of && each.was_current;
                }))
                say("outbox: message " + std::to_string(id) + " has no revision " +
                    std::to_string(number) + " that was to be told");
            for (const std::string& each : sinks)
                if (sinks.count(each) > 1)
                    say("outbox: message " + std::to_string(id) + " revision " +
                        std::to_string(number) + " is twice there for " + each);
        }
    }
    for (const auto& [id, found] : messages_) {
        std::set<std::string> wanted(found.route.sinks().begin(), found.route.sinks().end());
        for (const auto& [number, sinks] : told[id])
            if (number < found.row.revision) wanted.insert(sinks.begin(), sinks.end());
        const auto& has = told[id][found.row.revision];
        for (const std::string& each : wanted)
            if (!has.contains(each))
                say("outbox: message " + std::to_string(id) + " revision " +
                    std::to_string(found.row.revision) + " has no row for " + each);
    }
}

void Inspection::checkConversations() {
    struct Tally {
        long long messages = 0;
        long long first = std::numeric_limits<long long>::max();
        long long last = std::numeric_limits<long long>::min();
    };
    std::map<long long, Tally> tallies;
    for (const auto& [id, found] : messages_) {
        if (found.row.conversation_id == 0) continue;
        Tally& tally = tallies[found.row.conversation_id];
        ++tally.messages;
        tally.first = std::min(tally.first, found.row.occurred_at);
        tally.last = std::max(tally.last, found.row.occurred_at);
    }
    long long id = 0;
    long long messages = 0;
    long long started = 0;
    long long last = 0;
    soci::statement select =
        (session_.sql().prepare
             << "SELECT id, messages, started_at, last_message_at FROM conversation",
         soci::into(id), soci::into(messages), soci::into(started), soci::into(last));
    select.execute();
    while (select.fetch()) {
        const Tally tally = tallies[id];
        tallies.erase(id);
        const std::string name = "conversation " + std::to_string(id);
        if (tally.messages != messages)
            say(name + " counts " + std::to_string(messages) + " messages; there are " +
                std::to_string(tally.messages));
        // Times may be those of revisions that are history now.
        if (tally.messages > 0 && started > tally.first)
            say(name + " begins after its first message");
        if (tally.messages > 0 && started <= 0) say(name + " begins at no time");
        if (tally.messages > 0 && last < tally.last) say(name + " ends before its last message");
    }
    for (const auto& [gone, tally] : tallies)
        say("conversation " + std::to_string(gone) + " is not there, but " +
            std::to_string(tally.messages) + " messages are in it");
}

void Inspection::checkPeople() {
    const auto ids = numbers<long long>(session_, "SELECT id FROM identity");
    const std::set<long long> people(ids.begin(), ids.end());
    for (const auto& [id, found] : messages_) {
        const long long person = found.row.identity_id;
        if (person != 0 && !people.contains(person))
            say("message " + std::to_string(id) + " is by person " + std::to_string(person) +
                ", who is not there");
    }
}

void Inspection::checkPending() {
    const auto ids = numbers<long long>(session_, "SELECT message_id FROM pending_annotation");
    const std::set<long long> pending(ids.begin(), ids.end());
    for (const long long id : pending) {
        const auto found = messages_.find(id);
        if (found == messages_.end() || found->second.annotations.pending_size() == 0)
            say("classifiers would be asked again about message " + std::to_string(id) +
                ", for which no answer is missing");
    }
    for (const auto& [id, found] : messages_) {
        if (found.annotations.pending_size() == 0 || pending.contains(id)) continue;
        const bool given_up =
            std::any_of(letters_.begin(), letters_.end(), [of = id](const auto& stored) {
                return stored.letter.kind == DeadLetter::Payload::Annotation &&
                       stored.letter.payload == std::to_string(of);
            });
        if (!given_up)
            say("answers for message " + std::to_string(id) +
                " are missing, and nobody would ask again");
    }
}

std::string inspect(storage::Database& database, const PutIn* put_in) {
    dead_letters::LetterFilter all;
    all.replayed_too = true;
    all.limit = std::numeric_limits<std::int32_t>::max();
    const auto letters = dead_letters::listLetters(database, all);
    if (!letters) return letters.error().message;
    Checkpoints checkpoints;
    for (const auto& [source, inputs] : put_in != nullptr ? *put_in : PutIn()) {
        const auto saved = commit::loadCheckpoint(database, source);
        if (!saved) return saved.error().message;
        checkpoints[source] = *saved ? std::stoul((*saved)->data) : 0;
    }
    std::string wrong;
    const auto read = database.read("check what is there", [&](storage::Session& session) {
        Inspection inspection(session, *letters);
        if (put_in != nullptr) inspection.checkInput(*put_in, checkpoints);
        inspection.checkRollups();
        inspection.checkOutbox();
        inspection.checkConversations();
        inspection.checkPeople();
        inspection.checkPending();
        wrong = inspection.wrong();
    });
    return read ? wrong : read.error().message;
}

} // namespace

std::string checkInvariants(storage::Database& database, const PutIn& put_in) {
    return inspect(database, &put_in);
}

std::string checkInvariants(storage::Database& database) { return inspect(database, nullptr); }

} // namespace hearback::testing
