#include "faults/feed_source.h"

#include "base/clock.h"

#include <algorithm>

namespace hearback::testing {

using pipeline::Answer;
using pipeline::Verdict;

Answer FeedSource::start(const std::optional<std::string>& checkpoint) {
    under_way_.clear();
    if (random_() % 100 < failures) return {Verdict::Unavailable, "", "it is down", 0};
    at_ = checkpoint ? std::stoul(*checkpoint) : 0;
    return {};
}

Answer FeedSource::poll(const pipeline::PollLimits& limits) {
    if (random_() % 100 < failures) {
        switch (random_() % 4) {
        case 0: return {Verdict::Unavailable, "", "it is down", 0};
        case 1: return {Verdict::RateLimited, "", "too much", base::kSecond};
        case 2: return {Verdict::Ok, "\xff no batch", "", 0};
        default: at_ -= std::min<std::size_t>(at_, random_() % 4); break; // reads again
        }
    }
    const std::size_t end = std::min(at_ + 1 + random_() % 5, feed_.size());
    if (at_ == end) return {Verdict::Again, "", "", 0};
    under_way_[limits.batch_id] = {at_, end};
    Answer answer;
    answer.bytes = feed_.bytesOf(at_, end);
    at_ = end;
    return answer;
}

void FeedSource::ack(std::uint64_t batch_id, bool stored) {
    const auto batch = under_way_.find(batch_id);
    if (batch == under_way_.end()) return;
    if (stored && on_acknowledged) on_acknowledged(batch->second.first, batch->second.second);
    under_way_.erase(batch);
}

} // namespace hearback::testing
