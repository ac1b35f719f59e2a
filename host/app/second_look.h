// Stages of their own for a second look at decisions, beside those of an engine that may run: the
// classifiers are asked in this process, and nothing is delivered.
#pragma once

#include "app/environment.h"
#include "app/plugins.h"
#include "app/store.h"
#include "commit/commit.h"
#include "dead_letters/dead_letters.h"
#include "enrich/enrich.h"
#include "history/reclassifier.h"
#include "history/reclassify_run.h"
#include "history/replayer.h"
#include "messages/message_ledger.h"
#include "trends/rollup_ledger.h"

#include <vector>

namespace hearback::app {

struct ReclassificationOptions {
    std::vector<pipeline::Classifier*> classifiers;
    std::int64_t per_second = 0; // messages; 0: no limit
    bool ask_all = false;
    bool is_shadow = false;
};

class Reclassification {
  public:
    Reclassification(Environment& environment, Store& store, Plugins& plugins,
                     const ReclassificationOptions& options, v1::ReclassifyRun run);

    // See history::Reclassifier. On one thread; the others from any.
    base::Result<bool> run(const std::stop_token& stop) { return reclassifier_.run(stop); }
    v1::ReclassifyRun progress() const { return reclassifier_.progress(); }
    // Has run() end soon, after its stop was requested, though the database cannot be written.
    void cancel() { commit_.cancel(); }
    // Ends the questions. False where a classifier does not return: see Enrich::stop().
    bool stop();

  private:
    enrich::Enrich ask_;
    messages::MessageLedger messages_;
    dead_letters::DeadLetterLedger letters_;
    trends::RollupLedger rollups_;
    history::RunLedger runs_;
    // Without the outbox's ledger: what cannot be written is not sent.
    commit::Commit commit_;
    history::Reclassifier reclassifier_;
};

class Replay {
  public:
    // `environment` has this clock.
    Replay(Environment& environment, history::ReplayClock& clock, Plugins& plugins);

    // See history::replay(). On one thread.
    base::Result<history::ReplayOutcome>
    run(history::EventLogReader& log, const history::Decided& decided, const std::stop_token& stop);
    bool stop();

  private:
    enrich::Enrich ask_;
    route::RuleBook& rules_;
    history::ReplayClock& clock_;
};

} // namespace hearback::app
