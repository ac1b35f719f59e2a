#include "deliver/deliverer.h"

#include "base/log.h"
#include "deliver/outcome.h"

#include <algorithm>

namespace hearback::deliver {

namespace {

using pipeline::Verdict;

// Longer than any sink may take for one batch: a lease that ends while its batch is under way
// would send it twice.
constexpr base::Micros kLease = 5 * base::kMinute;
constexpr base::Micros kLookAgain = 5 * base::kSecond;
constexpr base::Micros kLookForTurn = base::kSecond;

} // namespace

Deliverer::Deliverer(DelivererServices services, std::unique_ptr<Carrier> carrier,
                     const DelivererOptions& options)
    : services_(std::move(services)), carrier_(std::move(carrier)), options_(options),
      rest_(services_.clock), breaker_(services_.random), pace_(options.per_minute) {
    state_.sink = sink();
}

Deliverer::~Deliverer() { stop(); }

void Deliverer::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Deliverer::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    rest_.wake();
    carrier_->cancel();
    thread_.join();
}

SinkState Deliverer::state() const {
    const std::lock_guard lock(mutex_);
    SinkState state = state_;
    if (state.opens_at <= services_.clock.now()) state.opens_at = 0;
    return state;
}

void Deliverer::run(const std::stop_token& stop) {
    while (!stop.stop_requested())
        if (!step()) rest_.wait(untilNext(), stop);
}

base::Micros Deliverer::untilNext() {
    if (!started_) return start_again_in_;
    const base::Micros now = services_.clock.now();
    const auto due = services_.outbox.nextDue(carrier_->endpoint());
    if (!due || !*due) return kLookAgain;
    const base::Micros closed = breaker_.opensAt() - services_.clock.steady();
    const base::Micros wait = std::max({**due - now, closed, pace_.untilNext()});
    return std::clamp<base::Micros>(wait, base::kMillisecond, kLookAgain);
}

bool Deliverer::startEndpoint() {
    const pipeline::Answer answer = carrier_->start();
    started_ = answer.isOk();
    const std::lock_guard lock(mutex_);
    unmended_ = started_ ? 0 : unmended_ + 1;
    start_again_in_ = answer.retry_after != 0 ? answer.retry_after : waitForPeople();
    if (!started_ && answer.retry_after == 0 && state_.last_error != answer.text)
        base::logWarning("deliver", "the sink does not start; its deliveries wait",
                         {{"sink", state_.sink}, {"cause", answer.text}});
    state_.last_error = answer.text;
    return started_;
}

void Deliverer::leaveToOthers() {
    started_ = false;
    start_again_in_ = kLookForTurn;
    const std::lock_guard lock(mutex_);
    unmended_ = 0;
    state_.last_error.clear();
}

bool Deliverer::mayCall() {
    if (!carrier_->isHere()) {
        leaveToOthers();
        return false;
    }
    if (breaker_.isOpen(services_.clock.steady())) return false;
    return started_ || startEndpoint();
}

bool Deliverer::step() {
    if (!mayCall()) return false;
    const std::int64_t wanted = breaker_.isOnTrial() ? 1 : options_.batch_items;
    const std::int64_t limit = pace_.allowed(wanted, services_.clock.steady());
    if (limit == 0) return false;
    auto rows = services_.outbox.claim(carrier_->endpoint(), limit, kLease);
    if (!rows) {
        base::logWarning("deliver", "cannot read the outbox; trying again",
                         {{"sink", sink()}, {"cause", rows.error().message}});
        return false;
    }
    if (rows->empty()) {
        showHold();
        return false;
    }
    pace_.take(static_cast<std::int64_t>(rows->size()));
    send(*rows);
    const auto settled = services_.outbox.settle(*rows, services_.keep);
    if (!settled) {
        // The lease ends by itself; the sink sees the same keys again.
        base::logError("deliver", "sent, but cannot note it: it will be sent again",
                       {{"sink", sink()}, {"cause", settled.error().message}});
        return false;
    }
    if (*settled < rows->size())
        base::logError("deliver", "sent, but the lease had ended: another process has it now",
                       {{"sink", sink()}, {"deliveries", rows->size() - *settled}});
    note(*rows);
    return true;
}

void Deliverer::send(std::vector<OutboxRow>& rows) {
    const base::Micros now = services_.clock.now();
    std::vector<OutboxRow> sendable;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (endBeforeSending(rows[i], !rows[i].was_under_way || carrier_->mayRepeat(rows[i]), now))
            continue;
        sendable.push_back(rows[i]);
        places.push_back(i);
    }
    if (sendable.empty()) return;
    const auto results = carrier_->send(sendable);
    const base::Micros after = services_.clock.now();
    for (std::size_t i = 0; i < places.size(); ++i) {
        const bool may_repeat = !isUnclear(static_cast<Verdict>(results[i].status())) ||
                                carrier_->mayRepeat(sendable[i]);
        applyResult(rows[places[i]], results[i], may_repeat, after, services_.random);
    }
    judgeEndpoint(results);
}

// What the results say about the endpoint, beside what they say about each delivery.
void Deliverer::judgeEndpoint(const std::vector<v1::DeliveryResult>& results) {
    const base::Micros now = services_.clock.steady();
    bool has_answered = false;
    bool is_down = false;
    bool needs_people = false;
    const v1::DeliveryResult* ended = nullptr;
    base::Micros pause = 0;
    for (const v1::DeliveryResult& result : results) {
        const auto verdict = static_cast<Verdict>(result.status());
        if (verdict == Verdict::RateLimited)
            pause = std::max(pause, result.retry_after_ms() * base::kMillisecond);
        else if (needsPeople(verdict))
            needs_people = true;
        else if (!isUnclear(verdict))
            has_answered = true;
        else if (verdict != Verdict::Cancelled)
            is_down = true;
        if (verdict == Verdict::End) ended = &result;
    }
    if (ended != nullptr) hold(ended->text());
    if (has_answered)
        breaker_.noteSuccess();
    else if (is_down)
        breaker_.noteFailure(now);
    if (pause != 0 && !has_answered) breaker_.pauseUntil(now + std::min(pause, base::kDay));
    const std::lock_guard lock(mutex_);
    if (needs_people) breaker_.pauseUntil(now + waitForPeople());
    unmended_ = needs_people ? unmended_ + 1 : 0;
    state_.opens_at = services_.clock.now() + breaker_.opensAt() - now;
}

void Deliverer::hold(const std::string& cause) {
    base::logError("deliver",
                   "the endpoint wants nothing any more: it is held until somebody resumes it",
                   {{"sink", sink()}, {"cause", cause}});
    const auto held = services_.outbox.hold(carrier_->endpoint(), cause);
    if (!held)
        base::logError("deliver", "cannot note that it is held",
                       {{"sink", sink()}, {"cause", held.error().message}});
}

// From a minute to an hour, as long as nobody has mended it.
base::Micros Deliverer::waitForPeople() const {
    return std::min(base::kHour, base::kMinute << std::min(unmended_, 6));
}

void Deliverer::showHold() {
    const auto hold = services_.outbox.holdOf(carrier_->endpoint());
    const std::lock_guard lock(mutex_);
    const bool was_held = state_.held;
    state_.held = hold && hold->has_value();
    if (state_.held)
        state_.last_error = (*hold)->cause;
    else if (was_held)
        state_.last_error.clear();
}

void Deliverer::note(const std::vector<OutboxRow>& rows) {
    const std::lock_guard lock(mutex_);
    std::string error;
    std::int64_t dead = 0;
    for (const OutboxRow& row : rows) {
        if (row.state == DeliveryState::Delivered) {
            ++state_.delivered;
            state_.last_delivered_at = row.done_at;
        } else if (!row.last_error.empty()) {
            ++state_.failed;
            dead += row.state == DeliveryState::Dead ? 1 : 0;
            error = row.last_error;
        }
    }
    if (dead > 0)
        base::logWarning("deliver", "deliveries were given up: kept as dead letters",
                         {{"sink", state_.sink}, {"deliveries", dead}, {"cause", error}});
    else if (error != state_.last_error && !error.empty())
        base::logWarning("deliver",
                         unmended_ > 0 ? "the sink needs to be mended; its deliveries wait"
                                       : "delivery failed; trying again",
                         {{"sink", state_.sink}, {"cause", error}});
    if (error.empty() && !state_.last_error.empty())
        base::logInfo("deliver", "delivering again", {{"sink", state_.sink}});
    state_.last_error = error;
}

} // namespace hearback::deliver
