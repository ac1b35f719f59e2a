// Sends what waits in the outbox: one thread for each sink, so that a slow one holds up nobody
// else. A row is claimed, sent, settled; after a crash it is sent again with the same key.
#pragma once

#include "base/clock.h"
#include "base/random.h"
#include "deliver/outbox.h"
#include "pipeline/plugins.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace hearback::deliver {

// Loads a revision of a message with all that is known about it; none where it is gone.
using LoadDelivery = std::function<base::Result<std::optional<v1::Delivery>>(
    std::int64_t message_id, std::int64_t revision)>;

struct DelivererServices {
    Outbox& outbox;
    base::Clock& clock;
    base::Random& random;
    LoadDelivery load;
    Outbox::Keep keep;
    std::string installation;
};

struct SinkState {
    std::string sink;
    std::int64_t delivered = 0;
    std::int64_t failed = 0;
    base::Micros last_delivered_at = 0;
    std::string last_error; // empty: the last attempt worked
};

class Deliverer {
  public:
    Deliverer(DelivererServices services, pipeline::Sink& sink, std::int64_t batch_items);
    ~Deliverer();

    void start();
    // Ends after the call that is under way, within its time-out.
    void stop();
    // Rows were written. Any thread.
    void wake() { rest_.wake(); }

    // Claims, sends and settles one batch; false where nothing was due, or the sink does not start.
    // For the thread and tests.
    bool step();
    // Where nothing is due now: how long until something is.
    base::Micros untilNext();
    SinkState state() const;
    const std::string& sink() const { return sink_.name(); }

  private:
    void run(const std::stop_token& stop);
    void send(std::vector<OutboxRow>& rows);
    void apply(OutboxRow& row, const v1::DeliveryResult& result);
    void fail(OutboxRow& row, const v1::DeliveryResult& result);
    bool startSink();
    base::Micros waitForPeople() const;
    void note(const std::vector<OutboxRow>& rows);

    DelivererServices services_;
    pipeline::Sink& sink_;
    std::int64_t batch_items_;
    base::Rest rest_;
    std::uint64_t next_batch_ = 1;
    bool started_ = false;
    bool needs_people_ = false; // the last batch said so
    int unmended_ = 0;          // how many batches in a row said so
    mutable std::mutex mutex_;
    SinkState state_;
    std::jthread thread_;
};

} // namespace hearback::deliver
