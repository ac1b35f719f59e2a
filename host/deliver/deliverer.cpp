#include "deliver/deliverer.h"

#include "base/log.h"
#include "deliver/retry_schedule.h"

#include <algorithm>

namespace hearback::deliver {

namespace {

using pipeline::Verdict;

// Longer than any sink may take for one batch: a lease that ends while its batch is under way
// would send it twice.
constexpr base::Micros kLease = 5 * base::kMinute;
constexpr base::Micros kLookAgain = 5 * base::kSecond;

bool isFinal(Verdict verdict) {
    return verdict == Verdict::ItemInvalid || verdict == Verdict::Unsupported;
}

// Somebody has to mend the settings or the credentials: no fault of the deliveries, which wait.
bool needsPeople(Verdict verdict) { return verdict == Verdict::Config || verdict == Verdict::Auth; }

std::string reasonOf(const v1::DeliveryResult& result) {
    return result.text().empty() ? "failed with status " + std::to_string(result.status())
                                 : result.text();
}

// With the second in which the row was written: a database that was restored from a backup counts
// its rows from there again.
std::string keyOf(const std::string& installation, const OutboxRow& row) {
    return "hb_" + installation + "_" + std::to_string(row.created_at / base::kSecond) + "_" +
           std::to_string(row.id);
}

} // namespace

Deliverer::Deliverer(DelivererServices services, pipeline::Sink& sink, std::int64_t batch_items)
    : services_(std::move(services)), sink_(sink), batch_items_(batch_items),
      rest_(services_.clock) {
    state_.sink = sink.name();
}

Deliverer::~Deliverer() { stop(); }

void Deliverer::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Deliverer::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    rest_.wake();
    sink_.cancel();
    thread_.join();
}

SinkState Deliverer::state() const {
    const std::lock_guard lock(mutex_);
    return state_;
}

void Deliverer::run(const std::stop_token& stop) {
    while (!stop.stop_requested())
        if (!step()) rest_.wait(untilNext(), stop);
}

base::Micros Deliverer::untilNext() {
    if (!started_) return waitForPeople();
    const auto due = services_.outbox.nextDue(sink_.name());
    if (!due || !*due) return kLookAgain;
    return std::clamp<base::Micros>(**due - services_.clock.now(), base::kMillisecond, kLookAgain);
}

bool Deliverer::startSink() {
    const pipeline::Answer answer = sink_.start();
    started_ = answer.isOk();
    const std::lock_guard lock(mutex_);
    unmended_ = started_ ? 0 : unmended_ + 1;
    if (!started_ && state_.last_error != answer.text)
        base::logWarning("deliver", "the sink does not start; its deliveries wait",
                         {{"sink", state_.sink}, {"cause", answer.text}});
    state_.last_error = answer.text;
    return started_;
}

bool Deliverer::step() {
    if (!started_ && !startSink()) return false;
    auto rows = services_.outbox.claim(sink_.name(), batch_items_, kLease);
    if (!rows) {
        base::logWarning("deliver", "cannot read the outbox; trying again",
                         {{"sink", sink_.name()}, {"cause", rows.error().message}});
        return false;
    }
    if (rows->empty()) return false;
    send(*rows);
    const auto settled = services_.outbox.settle(*rows, services_.keep);
    if (!settled) {
        // The lease ends by itself; the sink sees the same keys again.
        base::logError("deliver", "sent, but cannot note it: it will be sent again",
                       {{"sink", sink_.name()}, {"cause", settled.error().message}});
        return false;
    }
    note(*rows);
    return true;
}

void Deliverer::send(std::vector<OutboxRow>& rows) {
    needs_people_ = false;
    v1::DeliveryBatch batch;
    std::vector<OutboxRow*> sent;
    for (OutboxRow& row : rows) {
        auto loaded = services_.load(row.message_id, row.revision);
        v1::DeliveryResult failure;
        if (!loaded) {
            failure.set_status(static_cast<int>(Verdict::Unavailable));
            failure.set_text(loaded.error().message);
            apply(row, failure);
        } else if (!*loaded) {
            failure.set_status(static_cast<int>(Verdict::ItemInvalid));
            failure.set_text("the message is not there any more");
            apply(row, failure);
        } else {
            v1::Delivery& delivery = *batch.add_deliveries();
            delivery = std::move(**loaded);
            delivery.set_idempotency_key(keyOf(services_.installation, row));
            delivery.set_attempt(static_cast<std::int32_t>(row.attempts + 1));
            sent.push_back(&row);
        }
    }
    if (sent.empty()) return;
    const pipeline::Answer answer = sink_.write(next_batch_++, batch.SerializeAsString());
    v1::DeliveryResult shared;
    shared.set_status(static_cast<int>(answer.verdict));
    shared.set_text(answer.text);
    shared.set_retry_after_ms(answer.retry_after / base::kMillisecond);
    std::vector<v1::DeliveryResult> results(sent.size(), shared);
    v1::DeliveryResults named;
    if (named.ParseFromString(answer.bytes)) {
        // An index outside the batch is a defect of the sink's; what it meant cannot be known.
        for (const v1::DeliveryResult& result : named.results())
            if (result.index() < results.size()) results[result.index()] = result;
    }
    for (std::size_t i = 0; i < sent.size(); ++i) apply(*sent[i], results[i]);
}

void Deliverer::apply(OutboxRow& row, const v1::DeliveryResult& result) {
    const auto verdict = static_cast<Verdict>(result.status());
    ++row.attempts;
    if (verdict == Verdict::Ok || verdict == Verdict::Conflict) {
        row.state = DeliveryState::Delivered;
        row.done_at = services_.clock.now();
        row.remote_id = result.remote_id();
        row.last_error.clear();
        return;
    }
    if (verdict == Verdict::Cancelled) {
        // The end of this process is no failure of the sink's.
        --row.attempts;
        row.due_at = services_.clock.now();
        return;
    }
    if (needsPeople(verdict)) {
        needs_people_ = true;
        --row.attempts;
        row.last_error = reasonOf(result);
        row.due_at = services_.clock.now() + waitForPeople();
        return;
    }
    fail(row, result);
}

// From a minute to an hour, as long as nobody has mended it.
base::Micros Deliverer::waitForPeople() const {
    return std::min(base::kHour, base::kMinute << std::min(unmended_, 6));
}

void Deliverer::fail(OutboxRow& row, const v1::DeliveryResult& result) {
    row.last_error = reasonOf(result);
    const auto wait = retryWait(row.attempts, services_.random);
    if (isFinal(static_cast<Verdict>(result.status())) || !wait) {
        row.state = DeliveryState::Dead;
        row.done_at = services_.clock.now();
        return;
    }
    const base::Micros asked = result.retry_after_ms() * base::kMillisecond;
    row.due_at = services_.clock.now() + std::max(*wait, std::min(asked, base::kDay));
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
    unmended_ = needs_people_ ? unmended_ + 1 : 0;
    if (dead > 0)
        base::logWarning("deliver", "deliveries were given up: kept as dead letters",
                         {{"sink", state_.sink}, {"deliveries", dead}, {"cause", error}});
    else if (error != state_.last_error && !error.empty())
        base::logWarning("deliver",
                         needs_people_ ? "the sink needs to be mended; its deliveries wait"
                                       : "delivery failed; trying again",
                         {{"sink", state_.sink}, {"cause", error}});
    if (error.empty() && !state_.last_error.empty())
        base::logInfo("deliver", "delivering again", {{"sink", state_.sink}});
    state_.last_error = error;
}

} // namespace hearback::deliver
