// A channel that does what the test tells it to, and remembers what was done with it.
#pragma once

#include "pipeline/plugins.h"
#include "support/eventually.h"

#include <hearback/sdk/message_out.hpp>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hearback::testing {

class FakeSource final : public pipeline::Source {
  public:
    using Polled = std::function<pipeline::Answer()>;

    explicit FakeSource(base::Clock& clock, std::string name = "shop")
        : clock_(clock), name_(std::move(name)) {}

    // What the next polls give, in order; after the last one there is nothing.
    void polls(Polled answer) {
        seen.note([&] { script_.push_back(std::move(answer)); });
    }
    void polls(pipeline::Answer answer) {
        polls([answer] { return answer; });
    }
    static pipeline::Answer answer(pipeline::Verdict verdict, std::string bytes = "",
                                   std::string text = "") {
        return {verdict, std::move(bytes), std::move(text), 0};
    }
    // An encoded batch with a message for each id.
    static std::string batch(const std::vector<std::string>& ids,
                             const std::string& checkpoint = "") {
        BatchOut out;
        for (const std::string& id : ids) out.add().externalId(id).text("text of " + id);
        if (!checkpoint.empty()) out.checkpoint(checkpoint);
        return out.bytes();
    }

    const std::string& name() const override { return name_; }
    const std::string& plugin() const override { return plugin_; }
    std::size_t maxInflight() const override { return max_inflight; }
    bool polls() const override { return is_polled; }
    bool receives() const override { return is_receiving; }
    pipeline::Answer start(const std::optional<std::string>& checkpoint) override {
        seen.note([&] {
            starts.push_back({checkpoint, clock_.steady()});
            unacknowledged = 0;
        });
        return take(start_script);
    }
    pipeline::Answer poll(const pipeline::PollLimits& limits) override {
        Polled next;
        seen.note([&] {
            polled.push_back({limits, clock_.steady()});
            most_unacknowledged = std::max(most_unacknowledged, unacknowledged);
            if (script_.empty()) return;
            next = std::move(script_.front());
            script_.pop_front();
        });
        pipeline::Answer given = next ? next() : answer(pipeline::Verdict::Again);
        seen.note([&] { unacknowledged += given.bytes.empty() ? 0 : 1; });
        return given;
    }
    void ack(std::uint64_t batch_id, bool stored) override {
        seen.note([&] {
            acks.emplace_back(batch_id, stored);
            --unacknowledged;
        });
    }
    pipeline::Answer decode(std::string_view) override {
        return answer(pipeline::Verdict::Unsupported);
    }
    std::vector<pipeline::Route> routes() const override { return received_at; }
    pipeline::Answer receive(const std::string& path, std::string_view request) override {
        requests.emplace_back(path, request);
        return reply;
    }
    void cancel() override {
        seen.note([&] { ++cancels; });
    }
    void stop() override {
        seen.note([&] { ++stops; });
    }
    void onWake(std::function<void()> wake) override { wake_ = std::move(wake); }
    void wake() const { wake_(); }

    // Guards what follows, as far as the runner's thread touches it.
    Eventually seen;
    struct Start {
        std::optional<std::string> checkpoint;
        base::Micros at;
    };
    struct Poll {
        pipeline::PollLimits limits;
        base::Micros at;
    };
    std::vector<Start> starts;
    std::vector<Poll> polled;
    std::vector<std::pair<std::uint64_t, bool>> acks;
    int stops = 0;
    int cancels = 0;
    int unacknowledged = 0;
    int most_unacknowledged = 0; // when it was polled
    std::deque<pipeline::Answer> start_script;

    std::size_t max_inflight = 1;
    bool is_polled = true;
    bool is_receiving = true;
    std::vector<pipeline::Route> received_at;
    pipeline::Answer reply;
    std::vector<std::pair<std::string, std::string>> requests;

  private:
    pipeline::Answer take(std::deque<pipeline::Answer>& script) {
        pipeline::Answer given;
        seen.note([&] {
            if (script.empty()) return;
            given = std::move(script.front());
            script.pop_front();
        });
        return given;
    }

    base::Clock& clock_;
    std::string name_;
    std::string plugin_ = "fake";
    std::deque<Polled> script_;
    std::function<void()> wake_;
};

} // namespace hearback::testing
