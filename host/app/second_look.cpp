#include "app/second_look.h"

#include <utility>

namespace hearback::app {

namespace {

// How long a classifier may think about a group of messages: nobody waits for the answer.
constexpr base::Micros kAnswerBudget = 30 * base::kSecond;
// More than the grace of a worker that was asked to come back.
constexpr base::Micros kAnswerPatience = 8 * base::kSecond;

history::ReclassifyOptions optionsOf(const ReclassificationOptions& options,
                                     const Plugins& plugins) {
    history::ReclassifyOptions out{{}, {}, options.per_second, options.ask_all};
    for (const pipeline::Classifier* each : plugins.classifiers())
        out.configured.push_back(each->name());
    for (const pipeline::Classifier* each : options.classifiers)
        out.classifiers.push_back({each->name(), each->task()});
    return out;
}

} // namespace

Reclassification::Reclassification(Environment& environment, Store& store, Plugins& plugins,
                                   const ReclassificationOptions& options, v1::ReclassifyRun run)
    : ask_(options.classifiers, environment.clock, environment.metrics, kAnswerBudget),
      messages_(store.dictionary(), environment.clock), letters_(environment.clock),
      commit_(store.database(), environment.clock, environment.random,
              {&messages_, &letters_, &rollups_, &runs_}),
      reclassifier_({store.messages(), ask_, options.is_shadow ? &plugins.rules() : nullptr,
                     options.is_shadow ? nullptr : &commit_, environment.clock},
                    optionsOf(options, plugins), std::move(run)) {}

bool Reclassification::stop() { return ask_.stop(kAnswerPatience); }

Replay::Replay(Environment& environment, history::ReplayClock& clock, Plugins& plugins)
    : ask_(plugins.classifiers(), environment.clock, environment.metrics, kAnswerBudget),
      rules_(plugins.rules()), clock_(clock) {}

base::Result<history::ReplayOutcome> Replay::run(history::EventLogReader& log,
                                                 const history::Decided& decided,
                                                 const std::stop_token& stop) {
    return history::replay(log, {ask_, rules_, clock_}, decided, stop);
}

bool Replay::stop() { return ask_.stop(kAnswerPatience); }

} // namespace hearback::app
