#include "runtime/upgradable.h"

#include <utility>

namespace hearback::runtime {

namespace {

using loader::Call;
using loader::Method;
using pipeline::Answer;
using pipeline::Verdict;

// What these return tells whether a version works.
bool isWork(Method method) {
    return method == Method::Poll || method == Method::Classify || method == Method::Write;
}

// What never overlaps with another of these on the same instance.
bool isOneAtATime(Method method) {
    return method == Method::Start || method == Method::Stop || method == Method::Classify ||
           method == Method::Write;
}

// What another version may do better.
bool isFault(Method method, Verdict verdict) {
    if (verdict == Verdict::Internal) return true;
    return isWork(method) && (verdict == Verdict::Config || verdict == Verdict::Auth ||
                              verdict == Verdict::Unsupported);
}

} // namespace

Upgradable::Upgradable(Version first, base::Clock& clock)
    : name_(first.instance->name()), manifest_(first.instance->manifest()), clock_(clock),
      running_(std::move(first)) {}

void Upgradable::offer(Version next, Tell tell) {
    std::optional<Version> dropped; // let go without the lock
    {
        const std::lock_guard lock(mutex_);
        next.instance->onWake(wake_);
        dropped = std::exchange(next_, std::move(next));
        tell_next_ = std::move(tell);
    }
    // One that has nothing to do has no next call either.
    const std::unique_lock alone(working_, std::try_to_lock);
    if (alone && manifest_.kind != "channel" && is_started_) takeOverBetweenCalls();
}

std::string Upgradable::newestHash() const {
    const std::lock_guard lock(mutex_);
    return next_ ? next_->hash : running_.hash;
}

Upgradable::Instance Upgradable::running() const {
    const std::lock_guard lock(mutex_);
    return running_.instance;
}

void Upgradable::onWake(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = wake;
    if (next_) next_->instance->onWake(wake);
    if (trial_) trial_->old.instance->onWake(wake);
    running_.instance->onWake(std::move(wake));
}

Answer Upgradable::run(const Call& call) {
    std::unique_lock alone(working_, std::defer_lock);
    if (isOneAtATime(call.method)) alone.lock();
    if (call.method == Method::Start) {
        Answer started = start(call);
        is_started_ = started.isOk();
        return started;
    }
    if (call.method == Method::Stop) is_started_ = false;
    if (call.method == Method::Classify || call.method == Method::Write) {
        if (!failureOnTrial().empty()) goBackBetweenCalls();
        takeOverBetweenCalls();
    }
    passTrial();
    const Instance instance = running();
    return judge(call, instance, instance->run(call));
}

// Nothing runs now: who starts has stopped before.
Answer Upgradable::start(const Call& call) {
    const Checkpoint checkpoint =
        call.has_checkpoint ? Checkpoint(std::string(call.bytes)) : std::nullopt;
    std::optional<Trial> failed;
    if (const std::string failure = failureOnTrial(); !failure.empty()) {
        failed = endTrial();
        failed->tell(UpgradeStep::RolledBack, failure);
    }
    const Tell tell = begin(checkpoint);
    Answer answer = running()->run(call);
    if (answer.isOk() && tell) tell(UpgradeStep::TookOver, "");
    if (!answer.isOk() && tell) {
        (void)endTrial();
        tell(UpgradeStep::RolledBack, answer.text);
        answer = running()->run(call);
    }
    if (answer.isOk() || !failed || failed->checkpoint == checkpoint) return answer;
    // A checkpoint of the version that failed may be none for the old one. From where that began,
    // all is read again, and known by its id.
    Call again = call;
    again.has_checkpoint = failed->checkpoint.has_value();
    again.bytes = failed->checkpoint ? std::string_view(*failed->checkpoint) : "";
    return running()->run(again);
}

// The offered version becomes the running one, on trial; empty where none is offered.
Upgradable::Tell Upgradable::begin(const Checkpoint& checkpoint) {
    std::optional<Trial> earlier; // let go without the lock
    const std::lock_guard lock(mutex_);
    if (!next_) return {};
    earlier = std::move(trial_);
    trial_ = Trial{std::exchange(running_, std::move(*next_)), clock_.steady() + kTrial, checkpoint,
                   "", std::exchange(tell_next_, nullptr)};
    next_.reset();
    return trial_->tell;
}

// The old version becomes the running one again.
std::optional<Upgradable::Trial> Upgradable::endTrial() {
    const std::lock_guard lock(mutex_);
    std::optional<Trial> trial = std::exchange(trial_, std::nullopt);
    if (trial) std::swap(running_, trial->old);
    return trial;
}

void Upgradable::takeOverBetweenCalls() {
    const Instance old = running();
    const Tell tell = begin(std::nullopt);
    if (!tell) return;
    const Answer started = running()->run({.method = Method::Start});
    if (started.isOk()) {
        (void)old->run({.method = Method::Stop});
        tell(UpgradeStep::TookOver, "");
        return;
    }
    (void)endTrial();
    tell(UpgradeStep::RolledBack, started.text);
}

void Upgradable::goBackBetweenCalls() {
    const std::string failure = failureOnTrial();
    const std::optional<Trial> failed = endTrial();
    if (!failed) return;
    (void)failed->old.instance->run({.method = Method::Stop});
    (void)running()->run({.method = Method::Start});
    failed->tell(UpgradeStep::RolledBack, failure);
}

// Why the version on trial does not do; empty where it does, or none is on trial.
std::string Upgradable::failureOnTrial() const {
    const std::lock_guard lock(mutex_);
    if (!trial_) return {};
    if (!trial_->failure.empty()) return trial_->failure;
    const Answer health = running_.instance->health();
    return health.isOk() ? "" : health.text;
}

Answer Upgradable::judge(const Call& call, const Instance& by, Answer answer) {
    if (!isFault(call.method, answer.verdict)) return answer;
    const std::lock_guard lock(mutex_);
    if (!trial_ || running_.instance != by) return answer;
    if (trial_->failure.empty()) trial_->failure = answer.text;
    // No reason to give up: the old version is started instead.
    answer.verdict = Verdict::Internal;
    return answer;
}

void Upgradable::passTrial() {
    std::optional<Trial> passed; // let go without the lock
    {
        const std::lock_guard lock(mutex_);
        if (!trial_ || !trial_->failure.empty() || clock_.steady() < trial_->ends_at) return;
        passed = std::exchange(trial_, std::nullopt);
    }
    passed->tell(UpgradeStep::Kept, "");
}

} // namespace hearback::runtime
