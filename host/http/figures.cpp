#include "http/figures.h"

#include <algorithm>

namespace hearback::http {

namespace {

double seconds(base::Micros time) { return static_cast<double>(time) / base::kSecond; }

void showSource(base::Metrics& metrics, const SourceHealth& source, base::Micros now) {
    const intake::SourceState& run = source.run;
    const base::Metrics::Labels labels{{"source", run.source}};
    const auto set = [&](const char* name, double value) { metrics.set(name, labels, value); };
    set("hearback_source_up", run.isWell() ? 1 : 0);
    set("hearback_source_silent", source.is_silent ? 1 : 0);
    set("hearback_source_resting_seconds",
        seconds(std::max<base::Micros>(0, run.rests_until - now)));
    // A time that is not known is no figure: 1970 would look like a source that is far behind.
    if (run.last_success_at > 0)
        set("hearback_source_last_success_timestamp_seconds", seconds(run.last_success_at));
    if (run.last_message_at > 0)
        set("hearback_source_last_message_timestamp_seconds", seconds(run.last_message_at));
    if (run.newest_at > 0)
        set("hearback_source_lag_seconds", seconds(std::max<base::Micros>(0, now - run.newest_at)));
    if (source.token_ends_at > 0)
        set("hearback_source_token_expiry_timestamp_seconds", seconds(source.token_ends_at));
}

} // namespace

void showIn(base::Metrics& metrics, const Status& status) {
    const auto set = [&](const char* name, std::int64_t value) {
        metrics.set(name, {}, static_cast<double>(value));
    };
    set("hearback_messages", status.messages);
    set("hearback_search_behind", status.search_behind);
    set("hearback_pending_annotations", status.pending);
    set("hearback_deliveries_waiting", status.deliveries_waiting);
    set("hearback_deliveries_unclear", status.deliveries_unclear);
    set("hearback_dead_letters", status.dead_letters);
    set("hearback_queue_bytes", status.queue_bytes);
    set("hearback_storing", status.commit.failing_since == 0 ? 1 : 0);
    metrics.set("hearback_start_timestamp_seconds", {}, seconds(status.started_at));
    for (const SourceHealth& source : status.sources) showSource(metrics, source, status.now);
}

} // namespace hearback::http
