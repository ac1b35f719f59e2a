// Brings claimed rows to where they belong: to a sink, or to the channel that brought a message.
#pragma once

#include "deliver/outbox_row.h"
#include "pipeline/plugins.h"

#include "hearback/v1/delivery.pb.h"

#include <vector>

namespace hearback::deliver {

class Carrier {
  public:
    virtual ~Carrier() = default;
    virtual const Endpoint& endpoint() const = 0;
    // False while another host that shares the data is the one to send: this one leaves the rows
    // alone, and starts the endpoint anew when it is its turn.
    virtual bool isHere() { return true; }
    // Before the first send(); again where it failed, after `retry_after` where that is not 0.
    virtual pipeline::Answer start() = 0;
    // Whether a row may be sent again though an earlier attempt may have arrived.
    virtual bool mayRepeat(const OutboxRow& row) = 0;
    // One result for each row, in their order; what `index` says does not matter.
    virtual std::vector<v1::DeliveryResult> send(const std::vector<OutboxRow>& rows) = 0;
    // Makes a call that is under way return soon. Any thread.
    virtual void cancel() = 0;
};

// A result that says only this.
v1::DeliveryResult failed(pipeline::Verdict verdict, const std::string& text);

} // namespace hearback::deliver
