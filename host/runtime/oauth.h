// Access tokens of OAuth 2 (RFC 6749), for all instances: fetched once for all who want the same,
// kept in the database, replaced before they end. Any thread.
//
// A refresh token that a service takes only once is never sent twice. That it is sent is noted in
// the database before, what came back is stored there before it is handed out; where the answer was
// lost in between, only people can help, and are told so. So a request that was begun is not broken
// off: it runs on a thread of its own, and who waits for it may leave.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "runtime/kv_store.h"

#include "hearback/v1/host.pb.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace hearback::runtime {

class OAuth {
  public:
    // Sends a request of the instance that wants the token. May be called after it is gone.
    using Send = std::function<base::Result<v1::HttpResponse>(
        const v1::HttpRequest&, const std::function<bool()>& cancelled)>;

    struct Token {
        std::string value;
        std::uint64_t serial = 0; // another one for every token of an account
    };

    // `kv`: null where no database is open; then there are no refresh tokens.
    OAuth(base::Clock& clock, KvStore* kv) : clock_(clock), kv_(kv) {}
    ~OAuth();
    OAuth(const OAuth&) = delete;
    OAuth& operator=(const OAuth&) = delete;

    // A token that is good for a while. Errors: Auth (people must connect the account again),
    // Invalid (the account makes no sense), RateLimited, Unavailable, Cancelled.
    base::Result<Token> token(const std::string& instance, const v1::OAuthAccount& account,
                              const Send& send, const std::function<bool()>& cancelled);
    // The service refused this one: the next is another, unless it was replaced meanwhile.
    void refused(const v1::OAuthAccount& account, std::uint64_t serial);
    // When the token ends that the instance was given last; 0: it has none, or one without an end.
    base::Micros endsAt(const std::string& instance) const;

  private:
    // What is kept of an account.
    struct Kept {
        std::string access;
        base::Micros refresh_at = 0; // from then on another one is fetched
        base::Micros ends_at = 0;    // from then on this one is worth nothing
        std::string refresh;         // the last one that came; empty: the one that is configured
        bool rotates = false;        // they are replaced, so each is taken once
        bool is_sent = false;        // and what came back is not known
        std::string instance;        // for whom it was fetched last
    };
    // What is known of it; the thread that fetches works on a copy.
    struct Known {
        Kept kept;
        bool is_loaded = false;
        bool is_stored = true; // in the database is what is here
        std::uint64_t serial = 0;
        base::Micros issued_at = 0; // steady
        std::string refused;        // a token that is worth nothing whatever its time
    };
    struct State {
        Known known;
        bool is_busy = false;             // a thread is fetching
        base::Micros try_after = 0;       // steady: not before
        std::optional<base::Error> error; // of the last try
        std::jthread fetcher;
    };

    bool isGood(const Known& known) const;
    bool isUsable(const Known& known) const;
    bool mayFetch(const State& state) const;
    void begin(State& state, const std::string& key, const v1::OAuthAccount& account,
               const Send& send);
    void fetch(State& state, const std::string& key, const v1::OAuthAccount& account,
               const Send& send);
    base::Result<void> renew(Known& known, const std::string& key, const v1::OAuthAccount& account,
                             const Send& send);
    base::Result<void> ask(Known& known, const std::string& key, const v1::OAuthAccount& account,
                           const Send& send);
    base::Result<void> load(Known& known, const std::string& key);
    base::Result<void> store(const std::string& key, const Kept& kept);
    bool isLeft() const;

    base::Clock& clock_;
    KvStore* kv_;
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::map<std::string, State> states_;
    std::map<std::string, std::string> used_; // instance -> key of its account
    std::atomic<base::Micros> leave_at_{0};   // steady: the process ends
};

} // namespace hearback::runtime
