#include "intake/source_runner.h"

#include "base/log.h"

#include <algorithm>
#include <utility>

namespace hearback::intake {

namespace {

using pipeline::Answer;
using pipeline::Verdict;

constexpr base::Micros kIdlePoll = base::kSecond;
constexpr std::uint32_t kPollTimeoutMs = 1000;
constexpr std::uint64_t kBatchBytesMax = 4 << 20;
constexpr base::Micros kPushPatience = 100 * base::kMillisecond;

bool needsPeople(Verdict verdict) {
    return verdict == Verdict::Auth || verdict == Verdict::Config ||
           verdict == Verdict::Unsupported;
}

} // namespace

struct SourceRunner::Inflight {
    struct Entry {
        std::uint64_t batch_id = 0;
        base::Micros newest_at = 0;
        std::int64_t progress_done = 0;
        std::int64_t progress_total = 0;
        std::optional<base::Result<pipeline::Stored>> result;
    };
    explicit Inflight(base::Clock& clock) : rest(clock) {}

    std::mutex mutex;
    std::deque<Entry> entries;
    std::uint64_t next_batch_id = 1;
    base::Rest rest; // of the runner's thread
};

const char* nameOf(SourceCondition condition) {
    switch (condition) {
    case SourceCondition::Starting: return "starting";
    case SourceCondition::Running: return "running";
    case SourceCondition::Waiting: return "waiting";
    case SourceCondition::Finished: return "finished";
    case SourceCondition::Failed: return "failed";
    case SourceCondition::Stopped: return "stopped";
    case SourceCondition::Elsewhere: return "elsewhere";
    }
    return "unknown";
}

SourceRunner::SourceRunner(pipeline::Source& source, RunnerServices services,
                           std::uint32_t max_items)
    : source_(source), services_(std::move(services)), max_items_(max_items),
      backoff_(services_.random, base::kSecond, 5 * base::kMinute),
      inflight_(std::make_shared<Inflight>(services_.clock)) {
    state_.source = source.name();
    state_.plugin = source.plugin();
}

SourceRunner::~SourceRunner() { (void)stop(base::kMinute); }

void SourceRunner::start() {
    {
        const std::lock_guard lock(mutex_);
        ended_ = false;
        state_.condition = SourceCondition::Starting;
        state_.problem.clear();
    }
    source_.onWake([inflight = inflight_] { inflight->rest.wake(); });
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void SourceRunner::requestStop() {
    if (!thread_.joinable() || !thread_.request_stop()) return;
    source_.cancel();
    inflight_->rest.wake();
}

bool SourceRunner::stop(base::Micros patience) {
    if (!thread_.joinable()) return true;
    requestStop();
    if (!waitForEnd(patience)) {
        base::logError("intake", "source does not stop; its thread is left behind",
                       {{"source", state_.source}});
        thread_.detach();
        return false;
    }
    thread_.join();
    return true;
}

void SourceRunner::restart() {
    bool ended = false;
    {
        const std::lock_guard lock(mutex_);
        if (ended_ && state_.condition != SourceCondition::Failed) return;
        ended = std::exchange(ended_, false);
        restart_ = true;
    }
    if (ended) {
        thread_.join();
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
        return;
    }
    source_.cancel();
    inflight_->rest.wake();
}

SourceState SourceRunner::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

bool SourceRunner::waitForEnd(base::Micros duration) {
    std::unique_lock lock(mutex_);
    const base::Micros deadline = services_.clock.steady() + duration;
    while (!ended_ && services_.clock.steady() < deadline)
        services_.clock.wait(lock, ended_changed_, deadline);
    return ended_;
}

void SourceRunner::note(SourceCondition condition, const std::string& problem, base::Micros rest) {
    const std::lock_guard lock(mutex_);
    if (!problem.empty() && problem != state_.problem)
        base::logWarning("intake", "source has a problem",
                         {{"source", state_.source}, {"cause", problem}});
    state_.condition = condition;
    state_.problem = problem;
    state_.rests_until = rest > 0 ? services_.clock.now() + rest : 0;
}

void SourceRunner::run(const std::stop_token& stop) {
    for (;;) {
        restart_ = false;
        const Next next = runOnce(stop);
        // What was handed over is stored or not before the next beginning: it goes on from there.
        if (next == Next::Restart) settleAll(stop);
        source_.stop();
        if (end(next, stop)) break;
        if (restart_) continue;
        const base::Micros wait = std::exchange(retry_after_, 0);
        inflight_->rest.wait(wait > 0 ? wait : backoff_.next(), stop);
        if (stop.stop_requested() && end(Next::Again, stop)) break;
    }
    ended_changed_.notify_all();
}

// Whether that was the end; noted under the lock, so that who asks for a restart is not missed.
bool SourceRunner::end(Next next, const std::stop_token& stop) {
    const std::lock_guard lock(mutex_);
    const bool stopped = stop.stop_requested();
    if (stopped && state_.condition != SourceCondition::Finished)
        state_.condition = SourceCondition::Stopped;
    ended_ = stopped || next == Next::Finished || (next == Next::Failed && !restart_);
    return ended_;
}

SourceRunner::Next SourceRunner::giveUp(const std::string& why) {
    note(SourceCondition::Failed, why);
    return Next::Failed;
}

SourceRunner::Next SourceRunner::runOnce(const std::stop_token& stop) {
    const auto beginning = services_.begin();
    if (!beginning) {
        if (beginning.error().code == base::Code::Conflict)
            return giveUp(beginning.error().message);
        note(SourceCondition::Starting, beginning.error().message);
        return Next::Restart;
    }
    epoch_ = beginning->epoch;
    {
        const std::lock_guard lock(inflight_->mutex);
        inflight_->entries.clear();
    }
    const Answer started = source_.start(beginning->checkpoint);
    if (!started.isOk()) {
        if (needsPeople(started.verdict)) return giveUp(started.text);
        note(SourceCondition::Starting, started.text, started.retry_after);
        retry_after_ = started.retry_after;
        return Next::Restart;
    }
    note(SourceCondition::Running);
    if (source_.polls()) return pollOn(stop);
    while (!stop.stop_requested()) {
        inflight_->rest.wait(base::kHour, stop);
        if (restart_) return Next::Restart;
        const Answer health = source_.health();
        if (health.isOk()) continue;
        note(SourceCondition::Waiting, health.text);
        return Next::Restart;
    }
    return Next::Finished;
}

// Waits until the commit has told about every batch under way; the pipeline always does.
void SourceRunner::settleAll(const std::stop_token& stop) {
    const auto waits = [this] {
        const std::lock_guard lock(inflight_->mutex);
        return std::any_of(inflight_->entries.begin(), inflight_->entries.end(),
                           [](const Inflight::Entry& each) { return !each.result; });
    };
    while (!stop.stop_requested() && waits()) inflight_->rest.wait(base::kSecond, stop);
    while (!settle()) {
    }
}

// Tells the source what became of its oldest batches. False where one was not stored.
bool SourceRunner::settle() {
    for (;;) {
        Inflight::Entry entry;
        {
            const std::lock_guard lock(inflight_->mutex);
            if (inflight_->entries.empty() || !inflight_->entries.front().result) return true;
            entry = std::move(inflight_->entries.front());
            inflight_->entries.pop_front();
        }
        const base::Result<pipeline::Stored>& result = *entry.result;
        source_.ack(entry.batch_id, static_cast<bool>(result));
        if (!result) return false;
        const std::lock_guard lock(mutex_);
        state_.last_success_at = services_.clock.now();
        if (result->news() > 0) {
            state_.last_message_at = state_.last_success_at;
            state_.newest_at = std::max(state_.newest_at, entry.newest_at);
        }
        state_.stored.add(*result);
        if (entry.progress_total > 0) {
            state_.progress_done = entry.progress_done;
            state_.progress_total = entry.progress_total;
        }
    }
}

SourceRunner::Next SourceRunner::pollOn(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!settle() || restart_) return Next::Restart;
        std::uint64_t batch_id = 0;
        {
            const std::lock_guard lock(inflight_->mutex);
            if (inflight_->entries.size() < source_.maxInflight())
                batch_id = inflight_->next_batch_id++;
        }
        if (batch_id == 0) {
            inflight_->rest.wait(base::kSecond, stop);
            continue;
        }
        pipeline::PollLimits limits;
        limits.batch_id = batch_id;
        limits.max_items = max_items_;
        limits.max_bytes = kBatchBytesMax;
        limits.timeout_ms = kPollTimeoutMs;
        const Next next = handle(source_.poll(limits), stop);
        if (next != Next::Again) return next;
    }
    return Next::Again;
}

SourceRunner::Next SourceRunner::handle(const Answer& answer, const std::stop_token& stop) {
    switch (answer.verdict) {
    case Verdict::Ok:
    case Verdict::Again:
    case Verdict::End: {
        next_poll_ = 0;
        if (!answer.bytes.empty() && !accept(answer, stop)) return Next::Restart;
        backoff_.reset();
        if (answer.verdict == Verdict::End) return drain(stop);
        // Who brings nothing has nothing, whatever it says.
        const bool idle =
            answer.verdict == Verdict::Again || answer.bytes.empty() || next_poll_ > 0;
        note(idle ? SourceCondition::Waiting : SourceCondition::Running);
        if (idle) {
            {
                const std::lock_guard lock(mutex_);
                state_.last_success_at = services_.clock.now();
            }
            // Acknowledgements come in meanwhile; each of them wakes this thread.
            const base::Micros until =
                services_.clock.steady() + (next_poll_ > 0 ? next_poll_ : kIdlePoll);
            while (!stop.stop_requested() && !restart_ && services_.clock.steady() < until) {
                const bool woken = inflight_->rest.wait(until - services_.clock.steady(), stop);
                if (!settle()) return Next::Restart;
                if (woken && next_poll_ == 0) break;
            }
        }
        return Next::Again;
    }
    case Verdict::RateLimited: {
        const base::Micros wait = answer.retry_after > 0 ? answer.retry_after : base::kMinute;
        note(SourceCondition::Waiting, answer.text, wait);
        const base::Micros until = services_.clock.steady() + wait;
        while (!stop.stop_requested() && !restart_ && services_.clock.steady() < until) {
            inflight_->rest.wait(until - services_.clock.steady(), stop);
            if (!settle()) return Next::Restart;
        }
        return Next::Again;
    }
    case Verdict::Auth:
    case Verdict::Config:
    case Verdict::Unsupported: return giveUp(answer.text);
    case Verdict::Cancelled: return Next::Restart;
    default: note(SourceCondition::Waiting, answer.text); return Next::Restart;
    }
}

// Into the pipeline; waits as long as it is full. False where that cannot be done any more.
bool SourceRunner::accept(const Answer& answer, const std::stop_token& stop) {
    auto read = readBatch(answer.bytes, {state_.source, state_.plugin}, services_.clock.now());
    if (!read) {
        note(SourceCondition::Waiting, read.error().message);
        return false;
    }
    read->batch.reader_epoch = epoch_;
    next_poll_ = read->has_more ? 0 : read->next_poll;
    Inflight::Entry entry;
    entry.newest_at = read->newest_at;
    entry.progress_done = read->progress_done;
    entry.progress_total = read->progress_total;
    {
        const std::lock_guard lock(inflight_->mutex);
        entry.batch_id = inflight_->next_batch_id - 1;
        inflight_->entries.push_back(entry);
    }
    read->batch.done = [inflight = inflight_,
                        id = entry.batch_id](const base::Result<pipeline::Stored>& result) {
        {
            const std::lock_guard lock(inflight->mutex);
            for (Inflight::Entry& each : inflight->entries)
                if (each.batch_id == id) each.result = result;
        }
        inflight->rest.wake();
    };
    services_.metrics.count("hearback_source_messages_total", {{"source", state_.source}},
                            static_cast<double>(read->batch.items.size()));
    while (!stop.stop_requested()) {
        const auto pushed = services_.entrance.push(read->batch, kPushPatience);
        if (pushed) return true;
        if (pushed.error().code != base::Code::Full) break;
    }
    return false;
}

SourceRunner::Next SourceRunner::drain(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        if (!settle()) return Next::Restart;
        {
            const std::lock_guard lock(inflight_->mutex);
            if (inflight_->entries.empty()) break;
        }
        inflight_->rest.wait(base::kSecond, stop);
    }
    if (stop.stop_requested()) return Next::Again;
    note(SourceCondition::Finished);
    return Next::Finished;
}

} // namespace hearback::intake
