// Asks classifiers again about messages that are stored, in steps of few messages, at a bounded
// rate. What changed goes through the commit, which moves the counts, together with how far this
// has come: it may end at any point and go on there. Rules are not asked and nothing is sent. Or,
// as a shadow run, nothing is stored, and rules are asked, to tell what would be decided otherwise.
//
// Which version a classifier has now is learned from its first answer; from then on messages that
// it labelled with this version are passed over.
#pragma once

#include "base/clock.h"
#include "history/decision_diff.h"
#include "pipeline/stages.h"

#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace hearback::history {

struct AskedClassifier {
    std::string name;
    std::string task;
};

struct ReclassifyOptions {
    std::vector<AskedClassifier> classifiers;
    // Names of all that are configured. What others said, who are gone, makes room for what is
    // answered about the same task.
    std::vector<std::string> configured;
    std::int64_t per_second = 0; // messages that are asked about; 0: no limit
    bool ask_all = false;        // also where the version is the present one
};

struct ReclassifyStages {
    pipeline::StoredMessages& messages;
    pipeline::Stage& ask;    // enrich
    pipeline::Stage* rules;  // null: routes stay as they are
    pipeline::Stage* commit; // null: a shadow run
    base::Clock& clock;
};

class Reclassifier {
  public:
    // Messages of one step. A group is asked as one, within the budget of the stage that asks.
    static constexpr std::size_t kStepMax = 256;
    // Where so many messages in a row get no answer though each was asked about alone, the
    // classifier is to blame and not a message.
    static constexpr std::size_t kBlameAfter = 8;

    // `run` says what is looked at and where it goes on.
    Reclassifier(ReclassifyStages stages, ReclassifyOptions options, v1::ReclassifyRun run);

    // Until the end, or until it is stopped: false then. An error where a classifier does not
    // answer or nothing can be read or stored; what was done until then stays.
    base::Result<bool> run(const std::stop_token& stop);
    // One step; false where none is left. Cancelled, and nothing done, where it was stopped.
    base::Result<bool> step(const std::stop_token& stop = {});
    // How far it is. Any thread.
    v1::ReclassifyRun progress() const;

  private:
    using Items = std::vector<pipeline::Item>;

    bool needsAnswer(const pipeline::Item& item, const AskedClassifier& classifier) const;
    std::size_t prepare(pipeline::Item& item) const;
    base::Result<void> askAll(Items& items);
    void askAlone(const std::vector<pipeline::Item*>& asked);
    void forgetGone(pipeline::Item& item) const;
    // Whether every question was answered.
    bool settle(pipeline::Item& before, pipeline::Item& after) const;
    base::Result<void> learn(const Items& items);
    base::Result<void> store(Items changed, const v1::ReclassifyRun& run);

    ReclassifyStages stages_;
    ReclassifyOptions options_;
    std::size_t step_;
    DecisionDiff diff_;
    std::set<std::string> learned_; // classifiers that answered already
    std::size_t asked_in_step_ = 0;
    std::size_t failed_in_a_row_ = 0; // messages
    mutable std::mutex mutex_;        // of the run
    v1::ReclassifyRun run_;
};

} // namespace hearback::history
