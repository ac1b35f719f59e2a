// A sink that knows at once what became of some deliveries, and fails to make the rest durable.
#include <hearback/sdk/plugin.hpp>

namespace {

using hearback::Status;

class Halfway final : public hearback::Sink {
  public:
    static constexpr auto kAbout = hearback::about("halfway", "1.0.0", "Fails to flush");
    explicit Halfway(hearback::Host&) {}
    Status write(const std::vector<hearback::DeliveryView>& deliveries,
                 hearback::ResultsOut& results) override {
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) {
            if (deliveries[i].message.text == "bad")
                results.failed(i, Status::itemInvalid("cannot be taken"));
            if (deliveries[i].message.text == "good") results.delivered(i, "remote");
        }
        return Status::ok();
    }
    Status flush(std::chrono::milliseconds) override {
        return Status::unavailable("the disk is full");
    }
};

} // namespace

HEARBACK_PLUGIN(Halfway)
