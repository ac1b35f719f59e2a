#include "deliver/outcome.h"

#include "deliver/retry_schedule.h"

#include <algorithm>

namespace hearback::deliver {

namespace {

using pipeline::Verdict;

constexpr const char* kLookThere =
    ": it may have arrived, and a second attempt could do it twice. Look there; then `hearback "
    "deliveries retry` sends it once more";

bool isFinal(Verdict verdict) {
    return verdict == Verdict::ItemInvalid || verdict == Verdict::Unsupported;
}

std::string reasonOf(const v1::DeliveryResult& result) {
    return result.text().empty() ? "failed with status " + std::to_string(result.status())
                                 : result.text();
}

void end(OutboxRow& row, DeliveryState state, std::string why, base::Micros now) {
    row.state = state;
    row.done_at = now;
    row.last_error = std::move(why);
}

void tryLater(OutboxRow& row, const v1::DeliveryResult& result, base::Micros now,
              base::Random& random) {
    const base::Micros asked = std::min(result.retry_after_ms() * base::kMillisecond, base::kDay);
    row.last_error = reasonOf(result);
    if (static_cast<Verdict>(result.status()) == Verdict::RateLimited) {
        // It was not taken, which is no failure of this delivery.
        --row.attempts;
        if (now - row.created_at > kPatience && row.created_at != 0)
            end(row, DeliveryState::Dead, row.last_error, now);
        row.due_at = now + std::max(asked, 5 * base::kSecond);
        return;
    }
    const auto wait = retryWait(row.attempts, random);
    if (isFinal(static_cast<Verdict>(result.status())) || !wait)
        end(row, DeliveryState::Dead, row.last_error, now);
    else
        row.due_at = now + std::max(*wait, asked);
}

} // namespace

bool needsPeople(Verdict verdict) {
    return verdict == Verdict::Config || verdict == Verdict::Auth || verdict == Verdict::End;
}

bool isUnclear(Verdict verdict) {
    switch (verdict) {
    case Verdict::Ok:
    case Verdict::Conflict:
    case Verdict::RateLimited:
    case Verdict::Auth:
    case Verdict::Config:
    case Verdict::End:
    case Verdict::ItemInvalid:
    case Verdict::Unsupported: return false;
    default: return true;
    }
}

void applyResult(OutboxRow& row, const v1::DeliveryResult& result, bool may_repeat,
                 base::Micros now, base::Random& random) {
    const auto verdict = static_cast<Verdict>(result.status());
    ++row.attempts;
    if (verdict == Verdict::Ok || verdict == Verdict::Conflict) {
        end(row, DeliveryState::Delivered, "", now);
        row.remote_id = result.remote_id();
    } else if (isUnclear(verdict) && !may_repeat && !result.untried()) {
        end(row, DeliveryState::Unclear, reasonOf(result) + kLookThere, now);
    } else if (verdict == Verdict::Cancelled) {
        // The end of this process is no failure of the sink's.
        --row.attempts;
        row.due_at = now;
    } else if (needsPeople(verdict)) {
        --row.attempts;
        row.last_error = reasonOf(result);
        row.due_at = now; // once the endpoint is called again
    } else {
        tryLater(row, result, now, random);
    }
}

bool endBeforeSending(OutboxRow& row, bool may_repeat, base::Micros now) {
    if (row.was_under_way && !may_repeat) {
        end(row, DeliveryState::Unclear,
            std::string("the host ended while it was being sent") + kLookThere, now);
        return true;
    }
    if (row.not_after == 0 || now <= row.not_after) return false;
    end(row, DeliveryState::Dead,
        row.last_error.empty() ? "it was not sent in time"
                               : "it was not sent in time: " + row.last_error,
        now);
    return true;
}

} // namespace hearback::deliver
