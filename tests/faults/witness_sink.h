// A sink that fails in every way that its seed knows, with the far side behind it: what has arrived
// there, by key.
#pragma once

#include "deliver/outbox.h"
#include "pipeline/plugins.h"

#include "hearback/v1/delivery.pb.h"

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>

namespace hearback::testing {

class WitnessSink final : public pipeline::Sink {
  public:
    WitnessSink(std::string name, bool tells_repeats, std::uint64_t seed)
        : name_(std::move(name)), tells_repeats_(tells_repeats), random_(seed) {}

    const std::string& name() const override { return name_; }
    bool mayRepeat() const override { return tells_repeats_; }
    pipeline::Answer start() override { return {}; }
    pipeline::Answer write(std::uint64_t batch_id, std::string_view bytes) override;
    void cancel() override {}

    // How many of a hundred calls go wrong.
    unsigned failures = 0;
    // Told before and after the far side has it.
    std::function<void(const std::string& point)> on_point;
    // Told what is noted below.
    std::function<void(const std::string& what, const std::string& key)> on_fact;

    void noteArrived(const std::string& key) { ++arrived[key]; }
    void noteRefused(const std::string& key) { ++refused[key]; }
    // How often a delivery came to the far side, and was refused for good, by its key.
    std::map<std::string, int> arrived;
    std::map<std::string, int> refused;

    // What became of the deliveries, held against what has arrived; a line for each that is wrong.
    // `is_over`: nothing is to wait any more.
    std::string wrong(deliver::Outbox& outbox, const std::string& installation, bool is_over) const;

  private:
    void arrive(const v1::Delivery& delivery) {
        noteArrived(delivery.idempotency_key());
        if (on_fact) on_fact("arrived", delivery.idempotency_key());
    }
    void refuse(const v1::Delivery& delivery) {
        noteRefused(delivery.idempotency_key());
        if (on_fact) on_fact("refused", delivery.idempotency_key());
    }

    std::string name_;
    bool tells_repeats_;
    std::mt19937_64 random_;
};

} // namespace hearback::testing
