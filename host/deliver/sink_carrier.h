// Brings messages to a sink.
#pragma once

#include "base/result.h"
#include "deliver/carrier.h"

#include <functional>
#include <optional>
#include <string>

namespace hearback::deliver {

// Loads a revision of a message with all that is known about it; none where it is gone.
using LoadDelivery = std::function<base::Result<std::optional<v1::Delivery>>(
    std::int64_t message_id, std::int64_t revision)>;

class SinkCarrier final : public Carrier {
  public:
    // `installation`: what the idempotency keys begin with. The sink outlives this.
    SinkCarrier(pipeline::Sink& sink, LoadDelivery load, std::string installation)
        : sink_(sink), endpoint_{storage::Term::Sink, sink.name()}, load_(std::move(load)),
          installation_(std::move(installation)) {}

    const Endpoint& endpoint() const override { return endpoint_; }
    pipeline::Answer start() override { return sink_.start(); }
    bool mayRepeat(const OutboxRow&) override { return sink_.mayRepeat(); }
    std::vector<v1::DeliveryResult> send(const std::vector<OutboxRow>& rows) override;
    void cancel() override { sink_.cancel(); }

  private:
    pipeline::Sink& sink_;
    Endpoint endpoint_;
    LoadDelivery load_;
    std::string installation_;
    std::uint64_t next_batch_ = 1;
};

// The key of a row, the same in every attempt. With the second in which the row was written: a
// database that was restored from a backup counts its rows from there again.
std::string keyOf(const std::string& installation, const OutboxRow& row);

} // namespace hearback::deliver
