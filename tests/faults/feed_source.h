// A channel that brings what stands in a feed, and fails as its seed says: it is down, limited,
// brings nothing or nonsense, reads again what it has read, and begins where it is told to.
#pragma once

#include "faults/feed.h"
#include "pipeline/plugins.h"

#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>

namespace hearback::testing {

class FeedSource final : public pipeline::Source {
  public:
    FeedSource(const Feed& feed, std::uint64_t seed) : feed_(feed), random_(seed) {}

    const std::string& name() const override { return feed_.source(); }
    const std::string& plugin() const override { return plugin_; }
    std::size_t maxInflight() const override { return 3; }
    bool polls() const override { return true; }
    bool receives() const override { return false; }
    pipeline::Answer start(const std::optional<std::string>& checkpoint) override;
    pipeline::Answer poll(const pipeline::PollLimits& limits) override;
    void ack(std::uint64_t batch_id, bool stored) override;
    pipeline::Answer decode(std::string_view) override { return unable(); }
    std::vector<pipeline::Route> routes() const override { return {}; }
    pipeline::Answer receive(const std::string&, std::string_view) override { return unable(); }
    void cancel() override {}
    void stop() override { under_way_.clear(); }
    void onWake(std::function<void()>) override {}

    // How many of a hundred calls go wrong.
    unsigned failures = 0;
    // Told of inputs [begin, end) when they are acknowledged.
    std::function<void(std::size_t begin, std::size_t end)> on_acknowledged;

  private:
    static pipeline::Answer unable() { return {pipeline::Verdict::Unsupported, "", "", 0}; }

    const Feed& feed_;
    std::string plugin_ = "fake";
    std::mt19937_64 random_;
    std::size_t at_ = 0;
    std::map<std::uint64_t, std::pair<std::size_t, std::size_t>> under_way_;
};

} // namespace hearback::testing
