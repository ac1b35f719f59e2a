#include "faults/witness_sink.h"

#include "deliver/retry_schedule.h"
#include "deliver/sink_carrier.h"

#include <limits>
#include <set>

namespace hearback::testing {

using pipeline::Answer;
using pipeline::Verdict;

Answer WitnessSink::write(std::uint64_t, std::string_view bytes) {
    v1::DeliveryBatch batch;
    batch.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    if (on_point) on_point("before send");
    const bool fails = random_() % 100 < failures;
    const auto kind = fails ? random_() % 6 : 6;
    Answer answer;
    v1::DeliveryResults results;
    for (int i = 0; i < batch.deliveries_size(); ++i) {
        const v1::Delivery& delivery = batch.deliveries(i);
        v1::DeliveryResult result;
        result.set_index(static_cast<std::uint32_t>(i));
        switch (kind) {
        case 0: // down
            result.set_status(static_cast<int>(Verdict::Unavailable));
            result.set_untried(random_() % 2 == 0);
            break;
        case 1: // it has it, and the answer is lost
            arrive(delivery);
            result.set_status(static_cast<int>(Verdict::Unavailable));
            break;
        case 2: // too much for now
            result.set_status(static_cast<int>(Verdict::RateLimited));
            result.set_retry_after_ms(static_cast<std::int64_t>(random_() % 100000));
            break;
        case 3: // each its own
            if (random_() % 4 == 0) {
                refuse(delivery);
                result.set_status(static_cast<int>(Verdict::ItemInvalid));
            } else if (random_() % 3 == 0) {
                result.set_status(static_cast<int>(Verdict::RateLimited));
            } else {
                arrive(delivery);
            }
            break;
        case 4: // a defect of its own: it does half and throws
            if (i % 2 == 0) arrive(delivery);
            answer.verdict = Verdict::Internal;
            answer.text = "an exception came out of write";
            continue;
        case 5: // the credentials are not right
            result.set_status(static_cast<int>(Verdict::Auth));
            break;
        default: arrive(delivery); break;
        }
        *results.add_results() = result;
    }
    answer.bytes = results.SerializeAsString();
    if (on_point) on_point("after send");
    return answer;
}

std::string WitnessSink::wrong(deliver::Outbox& outbox, const std::string& installation,
                               bool is_over) const {
    deliver::DeliveryFilter mine;
    mine.sink = name_;
    const auto rows = outbox.list(mine, std::numeric_limits<std::int32_t>::max());
    if (!rows) return rows.error().message + "\n";
    std::string wrong;
    std::set<std::string> keys;
    for (const deliver::OutboxRow& row : *rows) {
        const std::string key = deliver::keyOf(installation, row);
        keys.insert(key);
        const auto say = [&](const std::string& what) {
            wrong += name_ + ": delivery " + key + " " + what + "\n";
        };
        switch (row.state) {
        case deliver::DeliveryState::Delivered:
            if (!arrived.contains(key)) say("counts as delivered and has never arrived");
            break;
        case deliver::DeliveryState::Dead:
            if (!refused.contains(key) &&
                row.attempts <= static_cast<std::int64_t>(deliver::kRetryWaits.size()) &&
                row.done_at - row.created_at < 7 * base::kDay)
                say("was given up too soon: " + row.last_error);
            break;
        case deliver::DeliveryState::Unclear:
            if (tells_repeats_) say("is unclear, and could have been sent again");
            break;
        case deliver::DeliveryState::Cancelled: say("was taken back by nobody"); break;
        case deliver::DeliveryState::Waiting:
            if (is_over) say("still waits: " + row.last_error);
            break;
        }
    }
    for (const auto& [key, times] : arrived) {
        if (!keys.contains(key))
            wrong += name_ + ": sent, and nowhere in the outbox: " + key + "\n";
        if (!tells_repeats_ && times > 1)
            wrong += name_ + ": arrived " + std::to_string(times) + " times: " + key + "\n";
    }
    return wrong;
}

} // namespace hearback::testing
