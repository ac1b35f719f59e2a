// Runs one source: starts it at its checkpoint, polls it as long as there is room for what it
// brings, acknowledges what was stored, and begins again from the last checkpoint where something
// went wrong. A crash of the host takes the same way.
#pragma once

#include "base/backoff.h"
#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "intake/batch_reader.h"
#include "pipeline/plugins.h"
#include "pipeline/stages.h"

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace hearback::intake {

// Elsewhere: another host that shares the database reads it.
enum class SourceCondition { Starting, Running, Waiting, Finished, Failed, Stopped, Elsewhere };
const char* nameOf(SourceCondition condition);

// For the page that says what runs, and for `hearback import`.
struct SourceState {
    std::string source;
    std::string plugin;
    SourceCondition condition = SourceCondition::Starting;
    std::string problem; // empty: all is well
    base::Micros last_success_at = 0;
    base::Micros last_message_at = 0;
    base::Micros newest_at = 0;   // when the newest of them was written
    base::Micros rests_until = 0; // asked for by the other side; 0: does not rest
    pipeline::Stored stored;      // since the start; without ids
    std::int64_t progress_done = 0;
    std::int64_t progress_total = 0;

    // It receives or waits, and nothing is wrong: what would come from it is here.
    bool isWell() const {
        return problem.empty() &&
               (condition == SourceCondition::Running || condition == SourceCondition::Waiting);
    }
};

// Where this reader begins, and which of the source's readers it is: see Batch::reader_epoch.
struct Beginning {
    std::optional<std::string> checkpoint;
    std::int64_t epoch = 0;
};
using BeginReading = std::function<base::Result<Beginning>()>;

struct RunnerServices {
    pipeline::Entrance& entrance;
    base::Clock& clock;
    base::Random& random;
    base::Metrics& metrics;
    BeginReading begin;
};

class SourceRunner {
  public:
    SourceRunner(pipeline::Source& source, RunnerServices services, std::uint32_t max_items);
    ~SourceRunner();

    // Again after a stop, too.
    void start();
    // Begins to stop, and returns: several can be asked before each is waited for.
    void requestStop();
    // False where the plugin does not return: then its thread is left behind and this object must
    // stay as long as the process.
    bool stop(base::Micros patience);
    // Begins again from the last checkpoint, soon: what is under way is stored before. One that has
    // failed is tried again. The thread that starts and stops.
    void restart();
    SourceState state() const;
    // Waits until the source has ended (finished, failed) or `duration` has passed; true where it
    // has ended.
    bool waitForEnd(base::Micros duration);

  private:
    // What the commit told about batches under way, in their order. Shared with the batches, which
    // may be told of when this runner is gone.
    struct Inflight;
    enum class Next { Again, Restart, Finished, Failed };

    void run(const std::stop_token& stop);
    Next runOnce(const std::stop_token& stop);
    Next pollOn(const std::stop_token& stop);
    Next handle(const pipeline::Answer& answer, const std::stop_token& stop);
    bool accept(const pipeline::Answer& answer, const std::stop_token& stop);
    bool settle();
    void settleAll(const std::stop_token& stop);
    Next drain(const std::stop_token& stop);
    bool end(Next next, const std::stop_token& stop);
    Next giveUp(const std::string& why);
    void note(SourceCondition condition, const std::string& problem = {}, base::Micros rest = 0);

    pipeline::Source& source_;
    RunnerServices services_;
    std::uint32_t max_items_;
    base::Backoff backoff_;
    std::atomic<bool> restart_{false}; // somebody asked for it
    std::shared_ptr<Inflight> inflight_;
    std::int64_t epoch_ = 0;
    base::Micros next_poll_ = 0;
    base::Micros retry_after_ = 0; // what a failed start asked for
    mutable std::mutex mutex_;
    std::condition_variable_any ended_changed_;
    bool ended_ = false;
    SourceState state_;
    std::jthread thread_;
};

} // namespace hearback::intake
