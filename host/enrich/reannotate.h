// Asks classifiers again about messages that they did not answer for in time: takes what is due
// from the store and sends it through the pipeline once more, in batches of few messages, so that
// one that a classifier cannot stand does not spoil the others.
#pragma once

#include "base/clock.h"
#include "pipeline/stages.h"

#include <thread>

namespace hearback::enrich {

class Reannotator {
  public:
    Reannotator(pipeline::PendingStore& store, pipeline::Entrance& entrance, base::Clock& clock);
    ~Reannotator();

    void start();
    void stop();
    // Sends what is due; the number of messages. For the thread and tests.
    base::Result<std::size_t> step();

  private:
    void run(const std::stop_token& stop);

    pipeline::PendingStore& store_;
    pipeline::Entrance& entrance_;
    base::Rest rest_;
    std::jthread thread_;
};

} // namespace hearback::enrich
