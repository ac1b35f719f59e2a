// How two decisions about the same messages differ: labels and routes, counted by what became of
// what, with a few examples of each. What reclassifications, shadow runs and replays tell.
#pragma once

#include "pipeline/batch.h"

#include "hearback/v1/history.pb.h"

#include <map>
#include <string>
#include <tuple>

namespace hearback::history {

class DecisionDiff {
  public:
    // Bounds: a classifier may make up labels without end.
    static constexpr int kChangesMax = 1000;
    static constexpr int kExamplesMax = 3;
    static constexpr std::size_t kNameMax = 256;
    static constexpr std::size_t kTextMax = 120;

    enum class Examples { None, Few };
    // Goes on with what was counted before.
    explicit DecisionDiff(Examples examples, v1::DecisionTally tally = {});

    // Of one message. Where a classifier is pending in one of the two, its labels are not compared.
    // True where they differ.
    bool compare(const pipeline::Item& before, const pipeline::Item& after);
    const v1::DecisionTally& tally() const { return tally_; }

  private:
    void compareLabels(const pipeline::Item& before, const pipeline::Item& after);
    void compareRoutes(const pipeline::Item& before, const pipeline::Item& after);
    void note(const std::string& subject, const std::string& classifier, std::string from,
              std::string to, const pipeline::Item& item);

    Examples examples_;
    v1::DecisionTally tally_;
    // Where each kind of change stands in the tally.
    using Kind = std::tuple<std::string, std::string, std::string, std::string>;
    std::map<Kind, int> kinds_;
    bool differs_ = false;
};

// The message as it came in: without a language that a classifier told.
v1::FeedbackMessage asArrived(const pipeline::Item& item);

} // namespace hearback::history
