#include "commit/commit.h"

#include "base/backoff.h"
#include "base/log.h"
#include "commit/checkpoints.h"

#include <algorithm>
#include <utility>

namespace hearback::commit {

namespace {

using pipeline::Batch;
using pipeline::DeadLetter;
using pipeline::Item;
using pipeline::Outcome;

// Letters that came with a batch, before any attempt to store it.
std::vector<std::size_t> countLetters(const std::vector<Batch>& group) {
    std::vector<std::size_t> letters;
    letters.reserve(group.size());
    for (const Batch& batch : group) letters.push_back(batch.dead_letters.size());
    return letters;
}

// An attempt that failed leaves no trace in the group either.
void forgetAttempt(std::vector<Batch>& group, const std::vector<std::size_t>& letters) {
    for (std::size_t i = 0; i < group.size(); ++i) {
        Batch& batch = group[i];
        batch.dead_letters.resize(letters[i]);
        for (Item& item : batch.items) {
            item.outcome = Outcome::Unknown;
            item.before.reset();
            item.now.reset();
            if (item.errand == pipeline::Errand::Arrival) item.message_id = 0;
        }
    }
}

pipeline::Stored countOf(const Batch& batch) {
    pipeline::Stored stored;
    for (const Item& item : batch.items) {
        stored.inserted += item.outcome == Outcome::Inserted ? 1 : 0;
        stored.revised +=
            item.outcome == Outcome::Revised || item.outcome == Outcome::Superseded ? 1 : 0;
        stored.deleted += item.outcome == Outcome::Deleted ? 1 : 0;
        stored.duplicates += item.outcome == Outcome::Duplicate ? 1 : 0;
        stored.message_ids.push_back(item.message_id);
    }
    stored.dead_letters = static_cast<std::int64_t>(batch.dead_letters.size());
    return stored;
}

void add(pipeline::Stored& sum, const pipeline::Stored& part) {
    sum.add(part);
    sum.message_ids.insert(sum.message_ids.end(), part.message_ids.begin(), part.message_ids.end());
}

DeadLetter toDeadLetter(const Item& item, const std::string& source, const std::string& cause) {
    DeadLetter letter;
    letter.stage = DeadLetter::Stage::Commit;
    letter.source = source;
    letter.cause = cause;
    letter.position = item.message.external_id();
    letter.kind = DeadLetter::Payload::Message;
    letter.payload = item.message.SerializeAsString();
    return letter;
}

} // namespace

Commit::Commit(storage::Database& database, base::Clock& clock, base::Random& random,
               std::vector<pipeline::Ledger*> ledgers)
    : database_(database), clock_(clock), random_(random), ledgers_(std::move(ledgers)),
      rest_(clock) {}

void Commit::cancel() { stopping_.request_stop(); }

CommitState Commit::state() const { return {commits_, messages_, failing_since_}; }

void Commit::process(std::vector<Batch>& group) {
    // A checkpoint says that everything before it is stored: what follows a dropped batch must not
    // be stored any more.
    if (dropping_) return;
    base::Backoff backoff(random_, 50 * base::kMillisecond, 5 * base::kSecond);
    for (;;) {
        switch (tryOnce(group)) {
        case Tried::Stored:
            for (Batch& batch : group) batch.finish(countOf(batch));
            return;
        case Tried::Poisoned:
            for (Batch& batch : group)
                if (!dropping_) storeApart(std::move(batch));
            return;
        case Tried::Overtaken:
            if (group.empty()) return;
            continue;
        case Tried::Failed: break;
        }
        if (stopping_.stop_requested()) {
            dropping_ = true;
            return;
        }
        rest_.wait(backoff.next(), stopping_.get_token());
    }
}

Commit::Tried Commit::tryOnce(std::vector<Batch>& group) {
    const auto letters = countLetters(group);
    std::vector<bool> overtaken;
    const auto written = database_.write("commit", [&](storage::Transaction& tx) {
        overtaken.clear();
        for (const Batch& batch : group) overtaken.push_back(isOvertaken(tx, batch));
        if (std::find(overtaken.begin(), overtaken.end(), true) != overtaken.end()) return;
        // The database may have tried already.
        forgetAttempt(group, letters);
        for (pipeline::Ledger* ledger : ledgers_) ledger->write(tx, group);
    });
    if (written && std::find(overtaken.begin(), overtaken.end(), true) != overtaken.end()) {
        dropOvertaken(group, overtaken);
        return Tried::Overtaken;
    }
    if (written) {
        noteSuccess(group);
        return Tried::Stored;
    }
    forgetAttempt(group, letters);
    noteFailure(written.error());
    // Where it is unclear whether the group was stored, the next attempt finds it by its keys: all
    // of its messages are known then, and nothing is counted or sent twice.
    const base::Code code = written.error().code;
    const bool poisoned = !written.error().isTransient() && code != base::Code::Corrupt &&
                          code != base::Code::Unclear;
    last_cause_ = written.error().message;
    return poisoned ? Tried::Poisoned : Tried::Failed;
}

// Their source goes on from its checkpoint where it is read now.
void Commit::dropOvertaken(std::vector<Batch>& group, const std::vector<bool>& which) {
    std::vector<Batch> rest;
    for (std::size_t i = 0; i < group.size(); ++i) {
        if (!which[i]) {
            rest.push_back(std::move(group[i]));
            continue;
        }
        base::logWarning("commit", "somebody else reads this source now: not stored here",
                         {{"source", group[i].source}});
        group[i].finish(base::Error{base::Code::Conflict, "somebody else reads this source now"});
    }
    group = std::move(rest);
}

// A group of one item or none: waits until it is stored. False where its one item is to blame.
bool Commit::storeOrWait(std::vector<Batch>& group) {
    base::Backoff backoff(random_, 50 * base::kMillisecond, 5 * base::kSecond);
    for (;;) {
        const Tried tried = tryOnce(group);
        if (tried == Tried::Stored || group.empty()) return true;
        const bool has_item = !group.front().items.empty();
        if (tried == Tried::Poisoned && has_item) return false;
        if (stopping_.stop_requested()) return false;
        rest_.wait(backoff.next(), stopping_.get_token());
    }
}

// Each item in a transaction of its own, to find the one that cannot be stored; the dead letters
// and the checkpoint last, when everything before them is safe.
void Commit::storeApart(Batch batch) {
    pipeline::Stored sum;
    for (Item& item : batch.items) {
        std::vector<Batch> one(1);
        one.front().source = batch.source;
        one.front().plugin = batch.plugin;
        one.front().items.push_back(std::move(item));
        if (storeOrWait(one)) {
            add(sum, countOf(one.front()));
        } else {
            if (stopping_.stop_requested()) {
                dropping_ = true;
                return;
            }
            batch.dead_letters.push_back(
                toDeadLetter(one.front().items.front(), batch.source, last_cause_));
            base::logWarning("commit", "message cannot be stored: kept as a dead letter",
                             {{"source", batch.source}, {"cause", last_cause_}});
        }
    }
    batch.items.clear();
    std::vector<Batch> rest;
    rest.push_back(std::move(batch));
    if (!storeOrWait(rest)) {
        dropping_ = true;
        return;
    }
    if (rest.empty()) return; // overtaken: told already
    add(sum, countOf(rest.front()));
    rest.front().finish(sum);
}

void Commit::noteFailure(const base::Error& error) {
    if (failing_since_ == 0) {
        failing_since_ = clock_.now();
        base::logError("commit", "cannot store; nothing is lost, trying again",
                       {{"cause", error.message}});
    }
}

void Commit::noteSuccess(const std::vector<Batch>& group) {
    ++commits_;
    for (const Batch& batch : group) messages_ += static_cast<std::int64_t>(batch.items.size());
    if (committed_) committed_();
    const base::Micros since = failing_since_.exchange(0);
    if (since != 0)
        base::logInfo("commit", "storing again",
                      {{"after_s", (clock_.now() - since) / base::kSecond}});
}

} // namespace hearback::commit
