#include "faults/trial.h"

#include "support/invariants.h"

#include <algorithm>
#include <utility>

namespace hearback::testing {

namespace {

constexpr unsigned kSinkFailures = 30; // of a hundred

std::vector<WitnessSink> sinksFor(std::uint64_t seed) {
    std::vector<WitnessSink> sinks;
    sinks.emplace_back(kRepeatableSink, true, seed + 1);
    sinks.emplace_back(kCarelessSink, false, seed + 2);
    return sinks;
}

} // namespace

Trial::Trial(TrialParts parts)
    : parts_(std::move(parts)), random_(parts_.seed),
      feeds_({Feed("shop", parts_.seed, parts_.inputs),
              Feed("forum", parts_.seed + 1, parts_.inputs)}),
      read_(feeds_.size()), sinks_(sinksFor(parts_.seed)), house_({parts_.database,
                                                                   clock_,
                                                                   random_,
                                                                   {&sinks_[0], &sinks_[1]},
                                                                   parts_.on_point,
                                                                   parts_.is_dead}) {
    for (const Feed& feed : feeds_) put_in_[feed.source()] = feed.inputs();
    for (WitnessSink& sink : sinks_) {
        sink.failures = kSinkFailures;
        sink.on_point = parts_.on_point;
    }
}

bool Trial::open() {
    if (!house_.open()) return false;
    for (std::size_t i = 0; i < feeds_.size(); ++i) {
        const auto checkpoint = house_.checkpointOf(feeds_[i].source());
        if (!checkpoint) {
            house_.close();
            return false;
        }
        read_[i] = *checkpoint;
    }
    return true;
}

void Trial::acknowledge(const std::string& source, std::size_t input) {
    put_in_.at(source).at(input).is_acknowledged = true;
}

void Trial::readOn(std::size_t channel, std::size_t count) {
    const Feed& feed = feeds_[channel];
    const std::size_t begin = read_[channel];
    const std::size_t end = std::min(begin + count, feed.size());
    if (begin == end || !house_.take(feed.batchOf(begin, end))) return;
    read_[channel] = end;
    for (std::size_t i = begin; i < end; ++i) {
        acknowledge(feed.source(), i);
        parts_.on_acknowledged(feed.source(), i);
    }
}

void Trial::step(std::mt19937_64& random) {
    switch (random() % 8) {
    case 0:
    case 1:
    case 2: readOn(random() % feeds_.size(), 1 + random() % 6); break;
    case 3:
    case 4:
    case 5: house_.deliverers()[random() % sinks_.size()]->step(); break;
    case 6:
        if (auto answers = house_.answersThatWereMissing()) house_.take(std::move(*answers));
        break;
    default: clock_.advance(static_cast<base::Micros>(random() % 10) * base::kMinute); break;
    }
}

bool Trial::isRead() const {
    for (std::size_t i = 0; i < feeds_.size(); ++i)
        if (read_[i] < feeds_[i].size()) return false;
    return true;
}

void Trial::finish() {
    for (WitnessSink& sink : sinks_) sink.failures = 0;
    while (!isRead())
        for (std::size_t i = 0; i < feeds_.size(); ++i) readOn(i, feeds_[i].size());
    // Twelve hours at a time, the longest wait between two attempts and more.
    for (int round = 0; round < 4; ++round) {
        clock_.advance(base::kDay / 2);
        while (auto answers = house_.answersThatWereMissing()) house_.take(std::move(*answers));
        for (const auto& deliverer : house_.deliverers())
            while (deliverer->step()) {
            }
    }
}

std::string Trial::wrong(bool is_over) {
    std::string wrong = checkInvariants(house_.database(), put_in_);
    if (!wrong.empty()) wrong += "\n";
    for (const WitnessSink& sink : sinks_)
        wrong += sink.wrong(house_.outbox(), house_.installation(), is_over);
    return wrong;
}

} // namespace hearback::testing
