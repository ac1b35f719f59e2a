#include "pipeline/pipeline.h"

#include <chrono>

namespace hearback::pipeline {

namespace {

// A batch without messages, such as a lone checkpoint, still takes a place.
std::size_t weightOf(const Batch& batch) { return batch.bytes + 256; }

} // namespace

Pipeline::Pipeline(const PipelineOptions& options, std::vector<Stage*> before, Stage& commit)
    : options_(options), before_(std::move(before)), commit_(commit),
      entered_(options.queue_bytes_max), prepared_(options.queue_bytes_max) {}

Pipeline::~Pipeline() { stop(); }

void Pipeline::start() {
    preparing_ = std::jthread([this] {
        while (prepare()) {
        }
    });
    committing_ = std::jthread([this] {
        while (commit()) {
        }
    });
}

void Pipeline::stop() {
    entered_.close();
    for (Stage* stage : before_) stage->cancel();
    // Before the join: a commit that waits for its database would hold up the stage before it.
    commit_.cancel();
    if (preparing_.joinable()) preparing_.join();
    prepared_.close();
    if (committing_.joinable()) committing_.join();
}

base::Result<void> Pipeline::push(Batch& batch, base::Micros timeout) {
    const auto patience = std::chrono::milliseconds(timeout / base::kMillisecond);
    switch (entered_.push(batch, weightOf(batch), patience)) {
    case base::Pushed::Yes: return {};
    case base::Pushed::Full:
        return base::Error{base::Code::Full, "the pipeline is full: what comes in is more than can "
                                             "be stored at the moment"};
    case base::Pushed::Closed: break;
    }
    return base::Error{base::Code::Cancelled, "the host is shutting down"};
}

bool Pipeline::step() {
    if (prepared_.weight() > 0) return commit();
    return entered_.weight() > 0 && prepare();
}

bool Pipeline::prepare() {
    std::vector<Batch> group = entered_.pop(options_.group_bytes_max);
    if (group.empty()) return false;
    for (Stage* stage : before_) stage->process(group);
    for (Batch& batch : group) {
        const std::size_t weight = weightOf(batch);
        while (prepared_.push(batch, weight, std::chrono::seconds(1)) == base::Pushed::Full) {
        }
    }
    return true;
}

bool Pipeline::commit() {
    std::vector<Batch> group = prepared_.pop(options_.group_bytes_max);
    if (group.empty()) return false;
    commit_.process(group);
    return true;
}

} // namespace hearback::pipeline
