// What one host at a time does while several share a database: each duty begins when this host has
// its lease and ends when it has lost it. One thread.
#pragma once

#include "base/clock.h"
#include "deliver/outbox.h"
#include "leases/leases.h"

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hearback::app {

// None of it may block for long: meanwhile the leases of the others would end.
struct Duty {
    std::string name; // of its lease
    std::function<void()> begin;
    std::function<void()> end;       // asks it to end
    std::function<bool()> has_ended; // after end()
};

class Sharing {
  public:
    // Three times as long as between two looks: one that is missed is no loss.
    static constexpr base::Micros kSpan = 3 * base::kSecond;
    static constexpr base::Micros kLook = kSpan / 3;

    Sharing(leases::Leases leases, deliver::Outbox& outbox, base::Clock& clock);
    ~Sharing();

    // Before start().
    void add(Duty duty);
    void start();
    // Ends looking; duties that run are left to whoever ends them, then call release().
    void stop();
    // Lets other hosts have the duties of this one at once.
    void release();

    // Whether this host may begin the duty now.
    bool has(const std::string& name) const;
    std::int64_t hosts() const { return hosts_; }

    // One look. For the thread and tests.
    void step();

  private:
    enum class Doing { Nothing, It, Ending };

    void run(const std::stop_token& stop);
    void takeUp(const std::vector<std::string>& gone);
    void act(const Duty& duty, Doing& doing);

    leases::Leases leases_;
    deliver::Outbox& outbox_;
    base::Clock& clock_;
    base::Rest rest_;
    std::vector<Duty> duties_;
    std::vector<std::string> names_;
    std::map<std::string, Doing> doing_;
    std::string problem_;
    std::atomic<std::int64_t> hosts_{1};
    mutable std::mutex mutex_;
    std::map<std::string, base::Micros> until_; // by the steady clock, of what this host has
    std::jthread thread_;
};

} // namespace hearback::app
