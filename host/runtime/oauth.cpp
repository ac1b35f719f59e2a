#include "runtime/oauth.h"

#include "base/log.h"
#include "egress/digest.h"
#include "egress/patience.h"
#include "egress/url.h"
#include "runtime/token_answer.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using base::Micros;
using nlohmann::json;

constexpr std::size_t kAccountsMax = 1000;
// A token is replaced so long before its end, or at half of its life.
constexpr Micros kMargin = base::kMinute;
// One that ends within this time is not handed out.
constexpr Micros kLastMoment = 5 * base::kSecond;
constexpr Micros kTryAgain = 10 * base::kSecond;
// After a refusal for good: whoever asks again and again changes nothing.
constexpr Micros kRefusedFor = base::kMinute;
// A token that is refused so soon after it was issued would be refused again.
constexpr Micros kJustIssued = 10 * base::kSecond;
constexpr Micros kWaitMax = 30 * base::kSecond;
constexpr Micros kLeaveMax = 5 * base::kSecond;

std::string keyOf(const v1::OAuthAccount& account) {
    std::string all;
    for (const std::string& part :
         {account.token_url(), account.client_id(), account.scope(), account.refresh_token()})
        all += std::to_string(part.size()) + ":" + part;
    return egress::digest(all + std::to_string(account.grant()));
}

// Whether the service may have taken the refresh token without our learning of it. A gateway's
// answer is none of the service.
bool isLost(const base::Result<v1::HttpResponse>& answer) {
    if (answer) return answer->status() == 502 || answer->status() == 504;
    const Code code = answer.error().code;
    return code == Code::Unclear || code == Code::Full || code == Code::Cancelled;
}

std::string hostOf(const v1::OAuthAccount& account) {
    const auto target = egress::parseUrl(account.token_url());
    return target ? target->host : "token_url";
}

} // namespace

OAuth::~OAuth() {
    leave_at_ = clock_.steady() + kLeaveMax;
    std::vector<std::jthread> fetchers;
    {
        const std::lock_guard lock(mutex_);
        for (auto& [key, state] : states_) fetchers.push_back(std::move(state.fetcher));
    }
    for (std::jthread& fetcher : fetchers)
        if (fetcher.joinable()) fetcher.join();
}

bool OAuth::isLeft() const {
    const Micros at = leave_at_;
    return at != 0 && clock_.steady() > at;
}

bool OAuth::isGood(const Known& known) const {
    return known.is_stored && !known.kept.access.empty() &&
           (known.kept.refresh_at == 0 || clock_.now() < known.kept.refresh_at);
}

bool OAuth::isUsable(const Known& known) const {
    return known.is_stored && !known.kept.access.empty() &&
           (known.kept.ends_at == 0 || clock_.now() < known.kept.ends_at - kLastMoment);
}

bool OAuth::mayFetch(const State& state) const {
    return !state.is_busy && clock_.steady() >= state.try_after;
}

base::Result<OAuth::Token> OAuth::token(const std::string& instance,
                                        const v1::OAuthAccount& account, const Send& send,
                                        const std::function<bool()>& cancelled) {
    if (const std::string problem = problemOf(account); !problem.empty())
        return Error{Code::Invalid, problem};
    if (kv_ == nullptr && usesRefreshToken(account))
        return Error{Code::Unavailable, "no database is open, and a refresh token must not be used "
                                        "where the one that replaces it cannot be kept"};
    const std::string key = keyOf(account);
    const egress::Patience patience(clock_, clock_.steady() + kWaitMax, cancelled);
    std::unique_lock lock(mutex_);
    if (states_.size() >= kAccountsMax && !states_.contains(key))
        return Error{Code::Full,
                     "more than " + std::to_string(kAccountsMax) + " OAuth accounts are in use"};
    State& state = states_[key];
    used_[instance] = key;
    if (!isGood(state.known) && mayFetch(state)) {
        state.known.kept.instance = instance;
        begin(state, key, account, send);
    }
    for (;;) {
        const bool is_transient = !state.error || state.error->isTransient();
        if (isGood(state.known) || (isUsable(state.known) && is_transient))
            return Token{state.known.kept.access, state.known.serial};
        if (!state.is_busy)
            return state.error.value_or(Error{Code::Unavailable, "no access token was given"});
        if (patience.isCancelled()) return Error{Code::Cancelled, "cancelled"};
        if (patience.left() == 0)
            return Error{Code::TimedOut, hostOf(account) + " gave no access token in time"};
        clock_.wait(lock, changed_, patience.nextLook());
    }
}

base::Micros OAuth::endsAt(const std::string& instance) const {
    const std::lock_guard lock(mutex_);
    const auto key = used_.find(instance);
    const auto found = key == used_.end() ? states_.end() : states_.find(key->second);
    return found == states_.end() ? 0 : found->second.known.kept.ends_at;
}

void OAuth::refused(const v1::OAuthAccount& account, std::uint64_t serial) {
    const std::lock_guard lock(mutex_);
    const auto found = states_.find(keyOf(account));
    if (found == states_.end() || found->second.known.serial != serial || found->second.is_busy)
        return;
    State& state = found->second;
    state.known.refused = std::exchange(state.known.kept.access, {});
    if (clock_.steady() - state.known.issued_at >= kJustIssued) return;
    state.error = Error{Code::Auth, hostOf(account) + " gives access tokens that are refused at "
                                                      "once: is the scope right?"};
    state.try_after = clock_.steady() + kRefusedFor;
}

// With the lock held. The thread before has ended, but for its last step.
void OAuth::begin(State& state, const std::string& key, const v1::OAuthAccount& account,
                  const Send& send) {
    state.error.reset();
    try {
        state.fetcher =
            std::jthread([this, &state, key, account, send] { fetch(state, key, account, send); });
        state.is_busy = true;
    } catch (const std::system_error&) {
        state.error = Error{Code::Unavailable, "the system gives no thread"};
    }
}

void OAuth::fetch(State& state, const std::string& key, const v1::OAuthAccount& account,
                  const Send& send) {
    Known known;
    {
        const std::lock_guard lock(mutex_);
        known = state.known;
    }
    auto renewed = [&]() -> base::Result<void> {
        try {
            return renew(known, key, account, send);
        } catch (const std::exception& error) {
            return Error{Code::Internal, std::string("an access token: ") + error.what()};
        }
    }();
    const std::lock_guard lock(mutex_);
    state.known = known;
    state.try_after = 0;
    if (!renewed) {
        const base::Micros wait = renewed.error().isTransient() ? kTryAgain : kRefusedFor;
        state.try_after = clock_.steady() + std::max(renewed.error().retry_after, wait);
        base::logWarning("runtime", "an access token cannot be had",
                         {{"cause", renewed.error().message}});
        state.error = renewed.error();
    }
    state.is_busy = false;
    changed_.notify_all();
}

base::Result<void> OAuth::renew(Known& known, const std::string& key,
                                const v1::OAuthAccount& account, const Send& send) {
    // Another host that shares the data may have used the refresh token meanwhile.
    if (!known.is_loaded || (known.is_stored && usesRefreshToken(account))) {
        auto loaded = load(known, key);
        if (!loaded) return loaded;
        if (isGood(known)) return {};
    }
    if (known.is_stored) {
        auto asked = ask(known, key, account, send);
        if (!asked) return asked;
    }
    // Where this fails it is tried again before anything else is asked.
    auto stored = store(key, known.kept);
    if (stored) known.is_stored = true;
    return stored;
}

// The steps whose order matters.
base::Result<void> OAuth::ask(Known& known, const std::string& key, const v1::OAuthAccount& account,
                              const Send& send) {
    Kept& kept = known.kept;
    const bool refreshes = usesRefreshToken(account);
    if (refreshes && kept.is_sent && (kept.rotates || account.single_use()))
        return Error{Code::Auth, "the answer of " + hostOf(account) +
                                     " to the last refresh token was lost, and each is taken only "
                                     "once: connect the account again"};
    const std::string refresh_token = kept.refresh.empty() ? account.refresh_token() : kept.refresh;
    kept.is_sent = refreshes;
    if (refreshes) {
        auto noted = store(key, kept);
        kept.is_sent = static_cast<bool>(noted);
        if (!noted) return noted;
    }
    const auto answer = send(tokenRequest(account, refresh_token), [this] { return isLeft(); });
    if (isLost(answer))
        return Error{Code::Unavailable, answer ? hostOf(account) + " gave no answer of its own"
                                               : answer.error().message};
    kept.is_sent = false;
    const auto grant = answer ? readTokenAnswer(*answer, hostOf(account), clock_.now())
                              : base::Result<Grant>(answer.error());
    if (!grant) {
        if (refreshes) known.is_stored = static_cast<bool>(store(key, kept));
        return grant.error();
    }
    const Micros now = clock_.now();
    const Micros life = grant->lifetime;
    kept.access = grant->access;
    kept.ends_at = life == 0 ? 0 : now + life;
    kept.refresh_at = life == 0 ? 0 : now + std::max(life - kMargin, life / 2);
    if (!grant->refresh.empty() && grant->refresh != refresh_token) {
        kept.refresh = grant->refresh;
        kept.rotates = true;
    }
    known.is_stored = false;
    ++known.serial;
    known.issued_at = clock_.steady();
    return {};
}

base::Result<void> OAuth::load(Known& known, const std::string& key) {
    if (kv_ != nullptr) {
        const auto value = kv_->get(KvStore::kTokens, key);
        if (!value) return value.error();
        const json kept = json::parse(value->value_or("{}"));
        known.kept = {kept.value("access", ""),
                      kept.value("refresh_at", Micros{0}),
                      kept.value("ends_at", Micros{0}),
                      kept.value("refresh", ""),
                      kept.value("rotates", false),
                      kept.value("is_sent", false),
                      known.kept.instance};
        if (known.kept.access == known.refused) known.kept.access.clear();
        ++known.serial;
        known.issued_at = clock_.steady() - kJustIssued;
    }
    known.is_loaded = true;
    return {};
}

base::Result<void> OAuth::store(const std::string& key, const Kept& kept) {
    if (kv_ == nullptr) return {};
    return kv_->set(KvStore::kTokens, key,
                    json{{"access", kept.access},
                         {"refresh_at", kept.refresh_at},
                         {"ends_at", kept.ends_at},
                         {"refresh", kept.refresh},
                         {"rotates", kept.rotates},
                         {"is_sent", kept.is_sent},
                         {"instance", kept.instance}}
                        .dump());
}

} // namespace hearback::runtime
