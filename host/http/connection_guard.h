// Keeps one client from taking the server from the others: so many connections and so many requests
// a minute for each address, and a deadline for each part of a request, because the HTTP library
// knows only a time-out for each read: who sends a byte now and then would hold a thread for ever.
#pragma once

#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

namespace hearback::http {

struct GuardLimits {
    std::int64_t connections_per_address = 64;
    std::int64_t requests_per_minute = 0; // 0: no limit
    base::Micros header_timeout = 10 * base::kSecond;
    base::Micros body_timeout = 30 * base::kSecond;
    base::Micros idle_timeout = 15 * base::kSecond;
};

class ConnectionGuard {
  public:
    // What a connection waits for; each has its own deadline.
    enum class Phase { Header, Body, Answer, Idle };

    ConnectionGuard(base::Clock& clock, const GuardLimits& limits);
    ~ConnectionGuard();

    // A new connection from `address`; false where it has too many. `cut` ends the connection from
    // another thread, and is called at most until leave().
    bool enter(int id, const std::string& address, std::function<void()> cut);
    void leave(int id);
    void setPhase(int id, Phase phase);
    // May this address make one more request now?
    bool admit(const std::string& address);

    // Ends all connections that are not being answered.
    void cutIdle();
    // Ends those whose deadline has passed. For the thread and tests.
    void cutLate();

  private:
    struct Connection {
        std::string address;
        std::function<void()> cut;
        Phase phase = Phase::Header;
        base::Micros deadline = 0;
    };
    struct Bucket {
        double tokens = 0;
        base::Micros filled_at = 0;
    };
    base::Micros deadlineOf(Phase phase) const;
    void run(const std::stop_token& stop);

    base::Clock& clock_;
    GuardLimits limits_;
    std::mutex mutex_;
    std::map<int, Connection> connections_;
    std::unordered_map<std::string, std::int64_t> per_address_;
    std::unordered_map<std::string, Bucket> buckets_;
    base::Rest rest_;
    std::jthread thread_;
};

} // namespace hearback::http
