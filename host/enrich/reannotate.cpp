#include "enrich/reannotate.h"

#include "base/log.h"

#include <future>
#include <memory>

namespace hearback::enrich {

namespace {

constexpr std::size_t kMessagesPerStep = 256;
constexpr std::size_t kMessagesPerBatch = 16;
constexpr base::Micros kLookEvery = 5 * base::kSecond;
constexpr base::Micros kPatience = 30 * base::kSecond;

} // namespace

Reannotator::Reannotator(pipeline::PendingStore& store, pipeline::Entrance& entrance,
                         base::Clock& clock)
    : store_(store), entrance_(entrance), rest_(clock) {}

Reannotator::~Reannotator() { stop(); }

void Reannotator::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Reannotator::stop() {
    thread_.request_stop();
    rest_.wake();
    if (thread_.joinable()) thread_.join();
}

void Reannotator::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        const auto sent = step();
        if (!sent)
            base::logWarning("enrich", "cannot ask classifiers again; trying later",
                             {{"cause", sent.error().message}});
        if (!sent || *sent == 0) rest_.wait(kLookEvery, stop);
    }
}

base::Result<std::size_t> Reannotator::step() {
    auto due = store_.due(kMessagesPerStep);
    if (!due) return due.error();
    std::vector<std::future<bool>> done;
    for (std::size_t at = 0; at < due->size(); at += kMessagesPerBatch) {
        pipeline::Batch batch;
        for (std::size_t i = at; i < std::min(at + kMessagesPerBatch, due->size()); ++i) {
            pipeline::Item& item = (*due)[i].item;
            batch.source = item.message.source();
            batch.bytes += item.message.ByteSizeLong();
            batch.items.push_back(std::move(item));
        }
        auto stored = std::make_shared<std::promise<bool>>();
        done.push_back(stored->get_future());
        batch.done = [stored](const base::Result<pipeline::Stored>& result) {
            stored->set_value(static_cast<bool>(result));
        };
        const auto pushed = entrance_.push(batch, kPatience);
        if (!pushed) return pushed.error();
    }
    // The next look must not find the same messages again.
    for (std::future<bool>& each : done) each.wait();
    return due->size();
}

} // namespace hearback::enrich
