// An entrance to a pipeline that keeps what comes in until the test says what becomes of it.
#pragma once

#include "pipeline/stages.h"
#include "support/eventually.h"

#include <optional>
#include <utility>
#include <vector>

namespace hearback::testing {

class FakeEntrance final : public pipeline::Entrance {
  public:
    base::Result<void> push(pipeline::Batch& batch, base::Micros) override {
        std::optional<base::Error> refused;
        std::optional<base::Result<pipeline::Stored>> at_once;
        pipeline::Batch taken;
        seen.note([&] {
            ++pushes;
            if (refusals > 0) {
                --refusals;
                refused = refusal;
                return;
            }
            at_once = result;
            batches.push_back(std::move(batch));
            if (at_once) taken.done = std::exchange(batches.back().done, nullptr);
        });
        if (refused) return *refused;
        if (at_once) taken.finish(*at_once);
        return {};
    }

    // Tells the batch's owner what became of it.
    void finish(std::size_t index, const base::Result<pipeline::Stored>& outcome) {
        pipeline::Done done;
        seen.note([&] { done = std::exchange(batches.at(index).done, nullptr); });
        if (done) done(outcome);
    }
    static pipeline::Stored inserted(std::int64_t count) {
        pipeline::Stored stored;
        stored.inserted = count;
        return stored;
    }
    bool got(std::size_t count) {
        return seen.comesTrue([&] { return batches.size() >= count; });
    }

    Eventually seen;
    std::vector<pipeline::Batch> batches;
    int pushes = 0;
    // The first so many pushes are refused.
    int refusals = 0;
    base::Error refusal{base::Code::Full, "full"};
    // What becomes of each batch at once; none: finish() tells.
    std::optional<base::Result<pipeline::Stored>> result;
};

} // namespace hearback::testing
