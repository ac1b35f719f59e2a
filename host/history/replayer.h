// Has an event log decided once more: each message is put to the stages as it came in, at the time
// at which it came, one after the other. What is decided now is compared with what was.
#pragma once

#include "base/clock.h"
#include "history/decision_diff.h"
#include "history/event_log.h"
#include "pipeline/stages.h"

#include <atomic>
#include <functional>
#include <stop_token>

namespace hearback::history {

// The time of day is that of the message which is replayed, so that nothing that looks at it
// decides otherwise today. Deadlines run as ever: what does not answer must not hang.
class ReplayClock final : public base::Clock {
  public:
    void setNow(base::Micros now) { now_ = now; }
    base::Micros now() const override { return now_; }
    base::Micros steady() const override { return system_.steady(); }
    void wait(std::unique_lock<std::mutex>& lock, std::condition_variable_any& changed,
              base::Micros deadline) override {
        system_.wait(lock, changed, deadline);
    }

  private:
    base::SystemClock system_;
    std::atomic<base::Micros> now_ = 0;
};

struct ReplayStages {
    pipeline::Stage& ask;
    pipeline::Stage& rules;
    ReplayClock& clock;
};

struct ReplayOutcome {
    v1::DecisionTally tally;
    std::int64_t unanswered = 0; // messages for which a classifier did not answer now
    bool is_whole = true;        // false: it was stopped
};

// Sees each item after it was decided, with its tally so far.
using Decided = std::function<base::Result<void>(const pipeline::Item&)>;

base::Result<ReplayOutcome> replay(EventLogReader& log, const ReplayStages& stages,
                                   const Decided& decided, const std::stop_token& stop);

} // namespace hearback::history
