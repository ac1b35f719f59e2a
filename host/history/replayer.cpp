#include "history/replayer.h"

#include <algorithm>
#include <utility>

namespace hearback::history {

namespace {

// What a classifier said too late was not known when the decision was made.
template <class Names>
void forget(pipeline::Item& item, const Names& late) {
    auto& all = *item.annotations.mutable_annotations();
    const auto is_late = [&](const v1::Annotation& each) {
        return std::find(late.begin(), late.end(), each.classifier()) != late.end();
    };
    all.erase(std::remove_if(all.begin(), all.end(), is_late), all.end());
}

} // namespace

base::Result<ReplayOutcome> replay(EventLogReader& log, const ReplayStages& stages,
                                   const Decided& decided, const std::stop_token& stop) {
    DecisionDiff diff(DecisionDiff::Examples::Few);
    ReplayOutcome outcome;
    while (!stop.stop_requested()) {
        auto read = log.next();
        if (!read) return read.error();
        if (!*read) {
            outcome.tally = diff.tally();
            return outcome;
        }
        v1::Decision& recorded = **read;
        pipeline::Item before;
        before.message_id = recorded.message_id();
        before.message = std::move(*recorded.mutable_message());
        before.annotations = std::move(*recorded.mutable_annotations());
        before.route = std::move(*recorded.mutable_route());
        std::vector<pipeline::Batch> group(1);
        pipeline::Item& item = group.front().items.emplace_back();
        item.message_id = before.message_id;
        item.message = asArrived(before);
        stages.clock.setNow(item.message.received_at_us());
        stages.ask.process(group);
        if (stop.stop_requested()) break;
        if (item.annotations.pending_size() > 0) ++outcome.unanswered;
        forget(item, before.annotations.pending());
        stages.rules.process(group);
        diff.compare(before, item);
        const auto seen = decided(item);
        if (!seen) return seen.error();
    }
    outcome.tally = diff.tally();
    outcome.is_whole = false;
    return outcome;
}

} // namespace hearback::history
