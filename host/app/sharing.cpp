#include "app/sharing.h"

#include "base/log.h"

namespace hearback::app {

Sharing::Sharing(leases::Leases leases, deliver::Outbox& outbox, base::Clock& clock)
    : leases_(std::move(leases)), outbox_(outbox), clock_(clock), rest_(clock) {
    outbox_.claimAs(leases_.holder());
}

Sharing::~Sharing() { stop(); }

void Sharing::add(Duty duty) {
    names_.push_back(duty.name);
    doing_[duty.name] = Doing::Nothing;
    duties_.push_back(std::move(duty));
}

void Sharing::start() {
    thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void Sharing::stop() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    rest_.wake();
    thread_.join();
}

void Sharing::release() {
    const auto released = leases_.releaseAll();
    if (!released)
        base::logWarning("app", "leases of this host end by themselves",
                         {{"cause", released.error().message}});
}

bool Sharing::has(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = until_.find(name);
    return found != until_.end() && clock_.steady() < found->second;
}

void Sharing::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        step();
        rest_.wait(kLook, stop);
    }
}

void Sharing::step() {
    // From before the call: the span began at some time during it.
    const base::Micros asked_at = clock_.steady();
    const auto held = leases_.keep(names_, kSpan);
    if (held) {
        hosts_ = held->hosts;
        problem_.clear();
        const std::lock_guard lock(mutex_);
        until_.clear();
        for (const std::string& name : held->names) until_[name] = asked_at + kSpan;
    } else if (held.error().message != problem_) {
        problem_ = held.error().message;
        base::logWarning("app", "leases cannot be kept; what they are for ends with them",
                         {{"cause", problem_}});
    }
    for (const Duty& duty : duties_) act(duty, doing_[duty.name]);
    if (held) takeUp(held->gone);
}

void Sharing::act(const Duty& duty, Doing& doing) {
    const bool mine = has(duty.name);
    if (doing == Doing::Ending && duty.has_ended()) doing = Doing::Nothing;
    if (doing == Doing::It && !mine) {
        base::logInfo("app", "another host has this now", {{"what", duty.name}});
        duty.end();
        doing = duty.has_ended() ? Doing::Nothing : Doing::Ending;
    }
    if (doing == Doing::Nothing && mine) {
        base::logInfo("app", "this host has this now", {{"what", duty.name}});
        duty.begin();
        doing = Doing::It;
    }
}

// What a host was sending when it ended is sent by the others, in the way of each sink.
void Sharing::takeUp(const std::vector<std::string>& gone) {
    for (const std::string& holder : gone) {
        const auto released = outbox_.releaseClaims(holder);
        const auto forgotten = released ? leases_.forget(holder) : released;
        if (!forgotten) continue; // with the next look
        base::logWarning("app", "a host does not answer any more; the others go on",
                         {{"host", holder}});
    }
}

} // namespace hearback::app
