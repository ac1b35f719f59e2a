// The whole way of a message on one thread: the real runners of sources, pipeline, enrichment,
// commit, reannotation and deliverers, each of them a step at a time, in an order made up from a
// seed, over a disk that fails.
#pragma once

#include "enrich/enrich.h"
#include "enrich/reannotate.h"
#include "faults/baton_clock.h"
#include "faults/feed_source.h"
#include "faults/house.h"
#include "faults/witness_sink.h"
#include "intake/source_runner.h"
#include "pipeline/pipeline.h"
#include "support/fake_classifier.h"
#include "support/fault_vfs.h"
#include "support/manual_clock.h"
#include "support/put_in.h"

#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace hearback::testing {

class Simulation {
  public:
    Simulation(const std::filesystem::path& folder, std::uint64_t seed);
    ~Simulation();

    // What is wrong, at the first moment at which something is.
    std::string run();
    int faults() const { return vfs_.happened(); }

  private:
    // What lives as long as the process does.
    struct Host;
    // A runner with the thread that it has, which runs when it gets its turn.
    struct Actor;
    class Door;
    class Routes;

    bool start();
    void stop();
    void step();
    void planFault();
    std::string finish();
    std::string wrong(bool is_over);
    bool isRead();
    pipeline::Answer classify(const v1::ClassifyRequest& request);

    std::mt19937_64 random_;
    FaultVfs vfs_;
    SimClock clock_;
    base::SeededRandom chance_;
    std::vector<Feed> feeds_;
    std::vector<std::unique_ptr<FeedSource>> sources_;
    std::vector<WitnessSink> sinks_;
    FakeClassifier classifier_{"topic", "topic", {"delivery", "price"}};
    unsigned failures_;
    PutIn put_in_;
    House house_;
    std::unique_ptr<Host> host_;
};

} // namespace hearback::testing
