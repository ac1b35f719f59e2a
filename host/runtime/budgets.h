// How much may still be asked of other sides. One budget for each host, account and name: a bucket
// that refills evenly, as plugins declare it, and what answers said about it. An account is shared
// by all instances that name it; one that names none has budgets of its own, so that what it is
// refused stops nobody else. Nothing here waits: who has not enough left is told when he will. Any
// thread.
//
// Kept in the database, so that a restart does not begin with full buckets: at once where one was
// closed, else with the answers, once a second.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "runtime/kv_store.h"

#include "hearback/v1/host.pb.h"

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace hearback::runtime {

class Budgets {
  public:
    // Who asks, and whom: "api.example.org" or "api.example.org:8443".
    struct Asker {
        std::string instance;
        std::string host;
    };

    // `kv`: null where no database is open.
    Budgets(base::Clock& clock, base::Metrics& metrics, KvStore* kv);
    // Keeps what was not kept yet.
    ~Budgets();
    Budgets(const Budgets&) = delete;
    Budgets& operator=(const Budgets&) = delete;

    // Takes what the request costs from its budgets, from all or none. RateLimited, with the time
    // until there is enough; Invalid where a budget makes no sense.
    base::Result<void> spend(const Asker& asker, const v1::HttpRequest& request);
    // What the answer says; writes into it how long to wait.
    void learn(const Asker& asker, const v1::HttpRequest& request, v1::HttpResponse& answer);

  private:
    struct Key {
        std::string host;
        std::string account; // its hash, or the name of the instance
        std::string name;    // empty: everything that is asked of the host for the account
        bool operator==(const Key&) const = default;
        bool operator<(const Key& other) const {
            return std::tie(host, account, name) < std::tie(other.host, other.account, other.name);
        }
    };
    struct State {
        double limit = 0;
        base::Micros period = 0;
        double left = 0; // at `filled_at`
        base::Micros filled_at = 0;
        std::optional<double> told; // left, as the other side said, less what was spent since
        base::Micros told_until = 0;
        base::Micros closed_until = 0;
        base::Micros used_at = 0;
        bool changed = false;
    };

    static Key keyOf(const Asker& asker, const v1::HttpRequest& request, std::string name);
    static std::string nameOf(const Key& key);
    State& stateOf(const Key& key, base::Micros now);
    static void declare(State& state, const v1::Budget& budget, base::Micros now);
    static void settle(State& state, base::Micros now);
    static base::Micros waitFor(const State& state, double cost, base::Micros now);
    void show(const Key& key, const State& state);
    void load();
    void keep(bool at_once);

    base::Clock& clock_;
    base::Metrics& metrics_;
    KvStore* kv_;
    std::mutex mutex_;
    std::map<Key, State> states_;
    std::vector<Key> forgotten_;  // and to be taken out of the database
    base::Micros keep_after_ = 0; // steady
    std::mutex keeping_;
};

} // namespace hearback::runtime
