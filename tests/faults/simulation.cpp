#include "faults/simulation.h"

#include "support/invariants.h"

#include <array>
#include <utility>

namespace hearback::testing {

namespace {

constexpr std::array kFaults = {Fault::FailedWrite, Fault::ShortWrite, Fault::FullDisk,
                                Fault::FailedSync,  Fault::PowerCut,   Fault::Crash};
constexpr std::size_t kInputs = 20; // of each source
constexpr int kSteps = 90;
constexpr int kStepsToFinishMax = 20000;

} // namespace

class Simulation::Routes final : public pipeline::Stage {
  public:
    void process(std::vector<pipeline::Batch>& group) override {
        for (pipeline::Batch& batch : group)
            for (pipeline::Item& item : batch.items) {
                item.route.Clear();
                for (std::string& sink : Feed::sinksOf(item.message))
                    item.route.add_sinks(std::move(sink));
            }
    }
};

// Where who pushes must not wait: the pipeline works when it gets its turn.
class Simulation::Door final : public pipeline::Entrance {
  public:
    Door(pipeline::Pipeline& pipeline, std::function<void()> make_room)
        : pipeline_(pipeline), make_room_(std::move(make_room)) {}
    base::Result<void> push(pipeline::Batch& batch, base::Micros) override {
        auto pushed = pipeline_.push(batch, 0);
        make_room_();
        return pushed;
    }

  private:
    pipeline::Pipeline& pipeline_;
    std::function<void()> make_room_;
};

struct Simulation::Actor {
    Actor(FeedSource& source, SimClock& time, pipeline::Pipeline& pipeline, base::Random& random,
          base::Metrics& metrics, House& house)
        : clock(time), door(pipeline, [this] { clock.giveBack(); }),
          runner(source,
                 {door, clock, random, metrics,
                  [&house, name = source.name()]() -> base::Result<intake::Beginning> {
                      auto begun = commit::beginReading(house.database(), name);
                      if (!begun) return begun.error();
                      intake::Beginning beginning{std::nullopt, begun->epoch};
                      if (begun->checkpoint) beginning.checkpoint = begun->checkpoint->data;
                      return beginning;
                  }},
                 16) {
        clock.firstTurn([this] { runner.start(); });
    }
    ~Actor() {
        runner.requestStop();
        clock.setFree();
        (void)runner.stop(base::kMinute);
    }
    BatonClock clock;
    Door door;
    intake::SourceRunner runner;
};

struct Simulation::Host {
    explicit Host(Simulation& simulation)
        : enrich({&simulation.classifier_}, enrich_clock, metrics, base::kMinute),
          pipeline(small(), {&enrich, &routes}, simulation.house_.commit()),
          door(pipeline,
               [this] {
                   while (pipeline.step()) {
                   }
               }),
          reannotator(simulation.house_.queries(), door, simulation.clock_) {
        for (const auto& source : simulation.sources_)
            actors.push_back(std::make_unique<Actor>(*source, simulation.clock_, pipeline,
                                                     simulation.chance_, metrics,
                                                     simulation.house_));
    }
    ~Host() {
        // First, so that runners which still push are refused.
        pipeline.stop();
        actors.clear();
        (void)enrich.stop(base::kMinute);
    }
    // So that a source feels that the pipeline is full.
    static pipeline::PipelineOptions small() {
        pipeline::PipelineOptions options;
        options.queue_bytes_max = 1500;
        options.group_bytes_max = 1000;
        return options;
    }

    base::Metrics metrics;
    ManualClock enrich_clock; // of real threads, which have until it is moved
    enrich::Enrich enrich;
    Routes routes;
    pipeline::Pipeline pipeline;
    Door door;
    enrich::Reannotator reannotator;
    std::vector<std::unique_ptr<Actor>> actors;
};

Simulation::Simulation(const std::filesystem::path& folder, std::uint64_t seed)
    : random_(seed), vfs_(folder, seed), chance_(seed),
      feeds_({Feed("shop", seed, kInputs), Feed("forum", seed + 1, kInputs)}),
      failures_(static_cast<unsigned>(random_() % 40)),
      house_({[&] {
                  storage::DatabaseOptions options;
                  options.file = folder / "hearback.db";
                  options.readers = 1;
                  return options;
              }(),
              clock_, chance_,
              [&] {
                  sinks_.reserve(2);
                  sinks_.emplace_back(kRepeatableSink, true, seed + 1);
                  sinks_.emplace_back(kCarelessSink, false, seed + 2);
                  return std::vector<pipeline::Sink*>{&sinks_[0], &sinks_[1]};
              }(),
              nullptr, [this] { return vfs_.isOff(); }}) {
    copyEmptyDatabase(folder / "hearback.db");
    for (WitnessSink& sink : sinks_) {
        sink.failures = failures_;
        // The end between the sending and the noting of it.
        sink.on_point = [this](const std::string& point) {
            if (point == "after send" && failures_ != 0 && random_() % 30 == 0)
                vfs_.plan(random_() % 2 == 0 ? Fault::Crash : Fault::PowerCut, 1);
        };
    }
    for (const Feed& feed : feeds_) {
        put_in_[feed.source()] = feed.inputs();
        FeedSource& source = *sources_.emplace_back(std::make_unique<FeedSource>(feed, seed + 3));
        source.failures = failures_;
        source.on_acknowledged = [this, &feed](std::size_t begin, std::size_t end) {
            for (std::size_t i = begin; i < end; ++i)
                put_in_.at(feed.source())[i].is_acknowledged = true;
        };
    }
    classifier_.say = [this](const v1::ClassifyRequest& request) { return classify(request); };
}

Simulation::~Simulation() { stop(); }

pipeline::Answer Simulation::classify(const v1::ClassifyRequest& request) {
    if (random_() % 100 < failures_) return {pipeline::Verdict::Internal, "", "a defect", 0};
    v1::ClassifyResponse response;
    for (int i = 0; i < request.messages_size(); ++i)
        FakeClassifier::add(response, i, random_() % 2 == 0 ? "delivery" : "price");
    return FakeClassifier::answer(response);
}

bool Simulation::start() {
    if (vfs_.isOff()) vfs_.restart();
    if (!house_.open()) return false;
    host_ = std::make_unique<Host>(*this);
    return true;
}

void Simulation::stop() {
    host_.reset();
    house_.close();
}

void Simulation::planFault() {
    const Fault fault = kFaults[random_() % kFaults.size()];
    vfs_.plan(fault, static_cast<int>(1 + random_() % 60), static_cast<int>(1 + random_() % 3));
}

void Simulation::step() {
    switch (random_() % 10) {
    case 0:
    case 1:
    case 2: host_->actors[random_() % host_->actors.size()]->clock.turn(); break;
    case 3:
    case 4:
    case 5: host_->pipeline.step(); break;
    case 6:
    case 7: house_.deliverers()[random_() % sinks_.size()]->step(); break;
    case 8: (void)host_->reannotator.step(); break;
    default: clock_.advance(static_cast<base::Micros>(random_() % 1000) * base::kSecond); break;
    }
}

std::string Simulation::run() {
    for (int i = 0; i < kSteps; ++i) {
        if (!host_) {
            if (failures_ != 0 && random_() % 4 == 0) planFault();
            if (!start()) {
                stop();
                continue;
            }
            vfs_.plan(Fault::None, 0);
            if (vfs_.isOff()) {
                stop();
                continue;
            }
            const std::string found = wrong(false);
            if (!found.empty()) return "after a start:\n" + found;
        }
        if (failures_ != 0 && random_() % 10 == 0) planFault();
        step();
        if (vfs_.isOff() || random_() % 40 == 0) stop();
    }
    return finish();
}

// Everything works from here on: all that was put in is stored, all that waits leaves.
std::string Simulation::finish() {
    vfs_.plan(Fault::None, 0);
    failures_ = 0;
    for (const auto& source : sources_) source->failures = 0;
    for (WitnessSink& sink : sinks_) sink.failures = 0;
    stop();
    if (!start()) return "it does not start any more";
    for (int i = 0; !isRead(); ++i) {
        if (i > kStepsToFinishMax) return "the sources are not read to their ends";
        step();
    }
    for (auto& [source, inputs] : put_in_)
        for (Input& input : inputs) input.is_acknowledged = true;
    for (int round = 0; round < 4; ++round) {
        clock_.advance(base::kDay / 2);
        while (host_->reannotator.step().value() > 0) {
        }
        for (const auto& deliverer : house_.deliverers())
            while (deliverer->step()) {
            }
    }
    return wrong(true);
}

bool Simulation::isRead() {
    for (const Feed& feed : feeds_) {
        const auto read = house_.checkpointOf(feed.source());
        if (!read || *read < feed.size()) return false;
    }
    return true;
}

std::string Simulation::wrong(bool is_over) {
    std::string wrong = checkInvariants(house_.database(), put_in_);
    if (!wrong.empty()) wrong += "\n";
    for (const WitnessSink& sink : sinks_)
        wrong += sink.wrong(house_.outbox(), house_.installation(), is_over);
    return wrong;
}

} // namespace hearback::testing
