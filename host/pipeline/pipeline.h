// Moves batches from stage to stage: intake -> [queue] -> enrich, route -> [queue] -> commit.
// Two threads of its own; both queues are bounded, so a slow stage is felt at the entrance.
// Whatever waits in a queue is taken at once: while one group is being committed, the next one
// gathers.
#pragma once

#include "base/bounded_queue.h"
#include "pipeline/stages.h"

#include <thread>

namespace hearback::pipeline {

struct PipelineOptions {
    // Of each queue, as the plugins wrote it; taken apart, a message takes about eight times as
    // much memory. Some 15,000 messages of the usual size.
    std::size_t queue_bytes_max = 6 << 20;
    // Of what is worked on at once.
    std::size_t group_bytes_max = 3 << 20;
};

class Pipeline final : public Entrance {
  public:
    // `before` are run in order, then `commit`; all outlive this.
    Pipeline(const PipelineOptions& options, std::vector<Stage*> before, Stage& commit);
    ~Pipeline() override;

    void start();
    // Takes nothing more, finishes what is under way, ends the threads. What cannot be finished
    // (the database does not answer) is dropped: nobody was told that it is stored.
    void stop();

    // Commits or prepares one group that waits, on this thread; false where none does. Instead of
    // start(): for tests in which nothing happens by itself.
    bool step();

    base::Result<void> push(Batch& batch, base::Micros timeout) override;
    // Bytes that wait, for the metrics.
    std::size_t waiting() const { return entered_.weight() + prepared_.weight(); }

  private:
    // One group each; false where the queue is closed and drained.
    bool prepare();
    bool commit();

    PipelineOptions options_;
    std::vector<Stage*> before_;
    Stage& commit_;
    base::BoundedQueue<Batch> entered_;
    base::BoundedQueue<Batch> prepared_;
    std::jthread preparing_;
    std::jthread committing_;
};

} // namespace hearback::pipeline
