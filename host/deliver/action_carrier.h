// Brings actions to the channel that brought the message.
#pragma once

#include "base/result.h"
#include "deliver/action_orders.h"
#include "deliver/carrier.h"

#include "hearback/v1/feedback.pb.h"

#include <functional>
#include <optional>
#include <set>
#include <string>

namespace hearback::deliver {

// Loads a message as it is now; none where it is gone.
using LoadTarget =
    std::function<base::Result<std::optional<v1::FeedbackMessage>>(std::int64_t message_id)>;

struct ActionServices {
    ActionOrders& orders;
    LoadTarget load;
    std::string installation;
    std::function<bool()> is_here; // whether the source runs in this process; none: it does
};

class ActionCarrier final : public Carrier {
  public:
    // The source outlives this.
    ActionCarrier(pipeline::Source& source, ActionServices services)
        : source_(source), endpoint_{storage::Term::Source, source.name()},
          services_(std::move(services)) {}

    const Endpoint& endpoint() const override { return endpoint_; }
    bool isHere() override { return !services_.is_here || services_.is_here(); }
    // Asks what the connection allows, which only a source that runs can say.
    pipeline::Answer start() override;
    bool mayRepeat(const OutboxRow& row) override;
    std::vector<v1::DeliveryResult> send(const std::vector<OutboxRow>& rows) override;
    // Polls of the source are not disturbed: an action ends by the time-out of its call.
    void cancel() override {}

  private:
    void note(const v1::Capabilities& all);
    v1::DeliveryResult sendOne(const OutboxRow& row);
    // What keeps it from being done about this message now; none where nothing does.
    std::optional<v1::DeliveryResult> whyNot(const v1::Action& action);

    pipeline::Source& source_;
    Endpoint endpoint_;
    ActionServices services_;
    std::set<v1::ActionKind> repeatable_; // kinds whose second attempt does no second thing
};

} // namespace hearback::deliver
