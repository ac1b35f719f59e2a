// The stage that asks the classifiers about every message, all of them at the same time, within a
// budget for each group. What does not answer in time is noted as pending and asked again later
// (reannotate.h): a slow or failing classifier never holds up what people wrote.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "enrich/classifier_thread.h"
#include "pipeline/plugins.h"
#include "pipeline/stages.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace hearback::enrich {

// For the page that says what runs.
struct ClassifierState {
    std::string classifier;
    std::string task;
    std::int64_t messages = 0; // answered for
    std::int64_t late = 0;     // noted as pending
    std::string problem;       // empty: the last question was answered
};

class Enrich final : public pipeline::Stage {
  public:
    Enrich(const std::vector<pipeline::Classifier*>& classifiers, base::Clock& clock,
           base::Metrics& metrics, base::Micros budget);
    ~Enrich() override;

    void process(std::vector<pipeline::Batch>& group) override;

    // Ends the threads. False where a classifier does not return: see ClassifierThread::stop().
    bool stop(base::Micros patience);
    std::vector<ClassifierState> state() const;

  private:
    struct Desk;   // a classifier with its thread and its figures
    struct Asking; // a question with the items that it is about

    std::vector<pipeline::Item*> itemsFor(const Desk& desk, std::vector<pipeline::Batch>& group);
    void askAll(const std::vector<Desk*>& desks, std::vector<pipeline::Batch>& group);
    void collect(Asking& asking, base::Micros deadline);
    void fail(Asking& asking, const std::string& why);

    base::Clock& clock_;
    base::Metrics& metrics_;
    base::Micros budget_;
    std::vector<std::unique_ptr<Desk>> desks_;
    std::vector<Desk*> first_; // those that tell the language, which the others may need
    std::vector<Desk*> others_;
    mutable std::mutex mutex_; // of the figures
};

} // namespace hearback::enrich
