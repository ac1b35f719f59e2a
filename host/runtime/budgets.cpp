#include "runtime/budgets.h"

#include "base/log.h"
#include "egress/digest.h"
#include "egress/rate_limit.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using base::Micros;
using nlohmann::json;

constexpr std::size_t kStatesMax = 1000;
constexpr int kBudgetsMax = 8;
constexpr std::size_t kNameMax = 64;
constexpr Micros kPeriodMax = 366 * base::kDay;
// After a 429 that says nothing, and where a figure comes without its end.
constexpr Micros kUnknownWait = base::kMinute;
constexpr Micros kKeepEvery = base::kSecond;
constexpr Micros kKeepAfterFailure = 10 * base::kSecond;

std::string checkOf(const v1::HttpRequest& request) {
    if (request.budgets_size() > kBudgetsMax)
        return "a request has at most " + std::to_string(kBudgetsMax) + " budgets";
    for (const v1::Budget& budget : request.budgets()) {
        if (budget.name().empty() || budget.name().size() > kNameMax)
            return "the name of a budget takes 1 to " + std::to_string(kNameMax) + " bytes";
        const std::string which = "the budget \"" + budget.name() + "\" ";
        if (!std::isfinite(budget.cost()) || budget.cost() < 0 || !std::isfinite(budget.limit()) ||
            budget.limit() < 0)
            return which + "has a cost or a limit that is no number from 0 on";
        if (budget.limit() > 0 &&
            (budget.period_ms() <= 0 || budget.period_ms() > kPeriodMax / base::kMillisecond))
            return which + "needs a period between a millisecond and a year";
        if (budget.limit() > 0 && budget.cost() > budget.limit())
            return which + "holds less than the request costs";
    }
    return {};
}

// Rounded up: a moment too early is asked in vain.
std::string inSeconds(Micros wait) {
    return std::to_string((wait + base::kSecond - 1) / base::kSecond) + " s";
}

} // namespace

Budgets::Budgets(base::Clock& clock, base::Metrics& metrics, KvStore* kv)
    : clock_(clock), metrics_(metrics), kv_(kv) {
    load();
}

Budgets::~Budgets() { keep(true); }

Budgets::Key Budgets::keyOf(const Asker& asker, const v1::HttpRequest& request, std::string name) {
    const std::string& account = request.account();
    return {asker.host, account.empty() ? asker.instance : egress::shortDigest(account),
            std::move(name)};
}

// Short enough for a key of the store, whatever the host is called.
std::string Budgets::nameOf(const Key& key) {
    return egress::shortDigest(key.host + "\n" + key.account + "\n" + key.name);
}

Budgets::State& Budgets::stateOf(const Key& key, Micros now) {
    const auto found = states_.find(key);
    State& state = found != states_.end() ? found->second : states_[key];
    state.used_at = now;
    if (states_.size() > kStatesMax) {
        const auto oldest =
            std::min_element(states_.begin(), states_.end(), [](const auto& a, const auto& b) {
                return a.second.used_at < b.second.used_at;
            });
        if (oldest->first != key) {
            forgotten_.push_back(oldest->first);
            states_.erase(oldest);
        }
    }
    return state;
}

// What was declared last holds; a smaller bucket loses what it cannot hold.
void Budgets::declare(State& state, const v1::Budget& budget, Micros now) {
    const Micros period = budget.period_ms() * base::kMillisecond;
    if (state.limit == budget.limit() && state.period == period) return;
    settle(state, now);
    const bool is_new = state.limit == 0;
    state.limit = budget.limit();
    state.period = period;
    state.left = is_new ? state.limit : std::min(state.left, state.limit);
    state.filled_at = is_new ? now : state.filled_at;
}

// Brings a state to the present.
void Budgets::settle(State& state, Micros now) {
    if (state.limit > 0) {
        const Micros since = std::max<Micros>(0, now - state.filled_at);
        const double more =
            state.limit * static_cast<double>(since) / static_cast<double>(state.period);
        state.left = std::min(state.limit, state.left + more);
        state.filled_at = now;
    }
    if (state.told_until <= now) state.told.reset();
    // A clock that was put back must not close a budget for longer than an answer could.
    state.closed_until = std::min(state.closed_until, now + base::kDay);
    state.told_until = std::min(state.told_until, now + base::kDay);
}

// How long until the cost can be taken; 0: now.
Micros Budgets::waitFor(const State& state, double cost, Micros now) {
    Micros until = std::max(now, state.closed_until);
    if (state.told && *state.told < cost) until = std::max(until, state.told_until);
    if (state.limit > 0 && state.left < cost) {
        const double share = (cost - state.left) / state.limit;
        until = std::max(
            until, now + static_cast<Micros>(std::ceil(share * static_cast<double>(state.period))));
    }
    return until - now;
}

base::Result<void> Budgets::spend(const Asker& asker, const v1::HttpRequest& request) {
    if (const std::string problem = checkOf(request); !problem.empty())
        return Error{Code::Invalid, problem};
    const std::lock_guard lock(mutex_);
    const Micros now = clock_.now();
    std::vector<std::pair<Key, double>> costs = {{keyOf(asker, request, ""), 1}};
    for (const v1::Budget& budget : request.budgets()) {
        costs.emplace_back(keyOf(asker, request, budget.name()), budget.cost());
        declare(stateOf(costs.back().first, now), budget, now);
    }
    for (const auto& [key, cost] : costs) {
        State& state = stateOf(key, now);
        settle(state, now);
        const Micros wait = waitFor(state, cost, now);
        if (wait == 0) continue;
        metrics_.count("hearback_budget_refused_total",
                       {{"host", asker.host}, {"budget", key.name}});
        show(key, state);
        const std::string which = key.name.empty()
                                      ? "asks to wait"
                                      : "has nothing left in the budget \"" + key.name + "\"";
        return Error{Code::RateLimited,
                     asker.host + " " + which + "; it can be asked again in " + inSeconds(wait),
                     wait};
    }
    for (const auto& [key, cost] : costs) {
        State& state = stateOf(key, now);
        state.left -= state.limit > 0 ? cost : 0;
        if (state.told) *state.told -= cost;
        state.changed = state.changed || state.limit > 0 || state.told;
        show(key, state);
    }
    return {};
}

void Budgets::learn(const Asker& asker, const v1::HttpRequest& request, v1::HttpResponse& answer) {
    const Micros now = clock_.now();
    const egress::RateLimit said = egress::parseRateLimit(answer, now);
    if (said.retry_at) answer.set_retry_after_ms((*said.retry_at - now) / base::kMillisecond);
    bool is_closed = false;
    {
        const std::lock_guard lock(mutex_);
        const std::string name = request.budgets_size() > 0 ? request.budgets(0).name() : "";
        const Key about = keyOf(asker, request, name);
        State& state = stateOf(about, now);
        if (said.remaining) {
            state.told = said.remaining;
            const Micros period =
                said.window.value_or(state.period > 0 ? state.period : kUnknownWait);
            state.told_until = said.reset_at.value_or(now + period);
            state.changed = true;
        }
        const Key closes = said.is_global ? keyOf(asker, request, "") : about;
        State& closed = stateOf(closes, now);
        if (said.retry_at || said.is_refused) {
            const Micros until = said.retry_at.value_or(now + kUnknownWait);
            is_closed = until > closed.closed_until;
            closed.closed_until = std::max(closed.closed_until, until);
            closed.changed = true;
        }
        for (const Key& key : {about, closes}) {
            State& each = stateOf(key, now);
            settle(each, now);
            show(key, each);
        }
    }
    keep(is_closed);
}

void Budgets::show(const Key& key, const State& state) {
    std::optional<double> left = state.told;
    if (state.limit > 0) left = std::min(left.value_or(state.left), state.left);
    if (state.closed_until > clock_.now()) left = 0;
    if (left)
        metrics_.set("hearback_budget_remaining",
                     {{"host", key.host}, {"account", key.account}, {"budget", key.name}},
                     std::max(0.0, *left));
}

void Budgets::load() {
    if (kv_ == nullptr) return;
    const auto kept = kv_->all(KvStore::kBudgets);
    if (!kept) {
        base::logWarning("runtime", "budgets cannot be read; they begin full",
                         {{"cause", kept.error().message}});
        return;
    }
    for (const auto& [name, value] : *kept) {
        const json said = json::parse(value, nullptr, false);
        if (!said.is_object()) continue;
        const auto text = [&](const char* member) {
            const json found = said.value(member, json());
            return found.is_string() ? found.get<std::string>() : std::string();
        };
        const auto number = [&](const char* member) {
            const json found = said.value(member, json());
            return found.is_number() ? found.get<double>() : 0.0;
        };
        const auto time = [&](const char* member) { return static_cast<Micros>(number(member)); };
        State state;
        state.limit = number("limit");
        state.period = std::max<Micros>(time("period"), 1);
        state.left = number("left");
        state.filled_at = time("filled_at");
        if (said.contains("told")) state.told = number("told");
        state.told_until = time("told_until");
        state.closed_until = time("closed_until");
        state.used_at = time("used_at");
        states_[{text("host"), text("account"), text("name")}] = state;
    }
}

// Outside of the lock of the states: the database may take its time.
void Budgets::keep(bool at_once) {
    if (kv_ == nullptr) return;
    const std::lock_guard keeping(keeping_);
    std::vector<std::pair<std::string, std::string>> changed;
    std::vector<Key> forgotten;
    {
        const std::lock_guard lock(mutex_);
        if (!at_once && clock_.steady() < keep_after_) return;
        keep_after_ = clock_.steady() + kKeepEvery;
        for (auto& [key, state] : states_) {
            if (!std::exchange(state.changed, false)) continue;
            json value = {{"host", key.host},
                          {"account", key.account},
                          {"name", key.name},
                          {"limit", state.limit},
                          {"period", state.period},
                          {"left", state.left},
                          {"filled_at", state.filled_at},
                          {"told_until", state.told_until},
                          {"closed_until", state.closed_until},
                          {"used_at", state.used_at}};
            if (state.told) value["told"] = *state.told;
            changed.emplace_back(nameOf(key), value.dump());
        }
        forgotten = std::exchange(forgotten_, {});
    }
    for (const Key& key : forgotten) (void)kv_->remove(KvStore::kBudgets, nameOf(key));
    for (const auto& [key, value] : changed) {
        const auto kept = kv_->set(KvStore::kBudgets, key, value);
        if (kept) continue;
        base::logWarning("runtime", "a budget cannot be kept; a restart begins with what was kept",
                         {{"cause", kept.error().message}});
        const std::lock_guard lock(mutex_);
        keep_after_ = clock_.steady() + kKeepAfterFailure;
        return;
    }
}

} // namespace hearback::runtime
