// Everything behind the sources: the pipeline with its stages, the ledgers of the commit, the
// search index, the deliverers. `serve`, `import` and `dead-letters replay` all run this one.
#pragma once

#include "app/environment.h"
#include "app/plugins.h"
#include "app/store.h"
#include "base/file_lock.h"
#include "commit/checkpoints.h"
#include "commit/commit.h"
#include "deliver/deliverer.h"
#include "deliver/outbox_ledger.h"
#include "enrich/enrich.h"
#include "enrich/reannotate.h"
#include "intake/source_runner.h"
#include "messages/message_ledger.h"
#include "pipeline/pipeline.h"
#include "trends/rollup_ledger.h"

#include <functional>
#include <memory>

namespace hearback::app {

class Engine {
  public:
    Engine(const config::Settings& settings, Environment& environment, Store& store,
           Plugins& plugins);
    ~Engine();

    // Starts storing, indexing and asking classifiers again. Delivering is apart.
    void start();
    // Starts a thread for each sink as soon as no other process delivers; call now and then.
    void startDelivering();
    // Sends what is due now on this thread and returns; false where another process delivers.
    bool deliverNow();
    // In order: deliverers, reannotation, pipeline, index. False where a plugin does not return:
    // then objects must stay as long as the process, which can only be left by _Exit().
    bool stop();

    // Lets what is ordered about messages of this source leave by it. Before startDelivering(); the
    // source outlives this.
    void addActing(pipeline::Source& source);
    // Asked before a source is begun, and before anything is done through it. Before any runner
    // or deliverer starts.
    void onlyWhere(std::function<bool(const std::string& source)> may_read) {
        may_read_ = std::move(may_read);
    }
    // A runner for a source that outlives it.
    std::unique_ptr<intake::SourceRunner> makeRunner(pipeline::Source& source,
                                                     std::int64_t batch_items);

    pipeline::Pipeline& pipeline() { return pipeline_; }
    enrich::Reannotator& reannotator() { return reannotator_; }
    const commit::Commit& commit() const { return commit_; }
    const enrich::Enrich& enrich() const { return enrich_; }
    std::vector<deliver::SinkState> sinkStates() const;

  private:
    deliver::DelivererServices delivererServices();
    std::unique_ptr<deliver::Carrier> carrierTo(pipeline::Sink& sink);
    bool becomeDeliverer();

    Environment& environment_;
    Store& store_;
    enrich::Enrich enrich_;
    messages::MessageLedger message_ledger_;
    dead_letters::DeadLetterLedger dead_letter_ledger_;
    trends::RollupLedger rollup_ledger_;
    deliver::OutboxLedger outbox_ledger_;
    commit::CheckpointLedger checkpoint_ledger_;
    commit::Commit commit_;
    pipeline::Pipeline pipeline_;
    enrich::Reannotator reannotator_;
    std::string installation_; // begins the idempotency keys
    // `hearback serve` and `hearback import` may run on one database at the same time, and a sink
    // such as a file must have one writer.
    base::FileLock deliver_lock_;
    std::vector<std::unique_ptr<deliver::Deliverer>> deliverers_;
    std::function<bool(const std::string& source)> may_read_;
    bool delivering_ = false;
    bool started_ = false;
};

} // namespace hearback::app
