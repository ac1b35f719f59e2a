// Sends what waits in the outbox for one endpoint: one thread for each, so that a slow one holds up
// nobody else. A row is claimed, sent, settled; after a crash it is sent again with the same key,
// or, where nothing would keep it from being done twice, shown to a person.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "deliver/breaker.h"
#include "deliver/carrier.h"
#include "deliver/outbox.h"
#include "deliver/pace.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hearback::deliver {

struct DelivererServices {
    Outbox& outbox;
    base::Clock& clock;
    base::Random& random;
    Outbox::Keep keep;
};

struct DelivererOptions {
    std::int64_t batch_items = 100;
    std::int64_t per_minute = 0; // 0: no limit
};

struct SinkState {
    std::string sink;
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
    base::Micros last_delivered_at = 0;
    std::string last_error;    // empty: the last attempt worked
    base::Micros opens_at = 0; // 0: it is sent to; else not before, after failures or by its wish
    bool held = false;         // until somebody resumes it
};

class Deliverer {
  public:
    Deliverer(DelivererServices services, std::unique_ptr<Carrier> carrier,
              const DelivererOptions& options);
    ~Deliverer();

    void start();
    // Ends after the call that is under way, within its time-out.
    void stop();
    // Rows were written. Any thread.
    void wake() { rest_.wake(); }

    // Claims, sends and settles one batch; false where nothing was due, or nothing may be sent now.
    // For the thread and tests.
    bool step();
    // Where nothing is due now: how long until something is.
    base::Micros untilNext();
    SinkState state() const;
    const std::string& sink() const { return carrier_->endpoint().name; }

  private:
    void run(const std::stop_token& stop);
    bool startEndpoint();
    bool mayCall();
    void leaveToOthers();
    // The results decide what becomes of the rows.
    void send(std::vector<OutboxRow>& rows);
    void judgeEndpoint(const std::vector<v1::DeliveryResult>& results);
    void hold(const std::string& cause);
    base::Micros waitForPeople() const;
    void showHold();
    void note(const std::vector<OutboxRow>& rows);

    DelivererServices services_;
    std::unique_ptr<Carrier> carrier_;
    DelivererOptions options_;
    base::Rest rest_;
    Breaker breaker_;
    Pace pace_;
    bool started_ = false;
    base::Micros start_again_in_ = base::kMinute; // after a start that failed
    int unmended_ = 0; // how many calls in a row said that people are needed
    mutable std::mutex mutex_;
    SinkState state_;
    std::jthread thread_;
};

} // namespace hearback::deliver
