// The plugins as the stages see them: interfaces, so that a stage is tested with fakes and no
// shared library. The runtime implements them.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::pipeline {

// The status numbers of hearback/plugin/abi.h.
enum class Verdict : std::int32_t {
    Ok = 0,
    Again = 1,
    End = 2,
    RateLimited = 3,
    Unavailable = 4,
    Auth = 5,
    Config = 6,
    ItemInvalid = 7,
    Conflict = 8,
    Unsupported = 9,
    Cancelled = 10,
    Internal = 11,
    Limit = 12
};

// What a call into a plugin gave.
struct Answer {
    Verdict verdict = Verdict::Ok;
    std::string bytes;            // what it wrote
    std::string text;             // why it failed, for the operator
    base::Micros retry_after = 0; // not before; 0: the host decides

    bool isOk() const { return verdict == Verdict::Ok; }
};

struct PollLimits {
    std::uint64_t batch_id = 0;
    std::uint32_t max_items = 256;
    std::uint64_t max_bytes = 4 << 20;
    std::uint32_t timeout_ms = 1000;
};

// A request path of a channel that receives.
struct Route {
    std::string path; // below the channel's own: "" or "/callback"
    std::vector<std::string> methods;
    std::uint32_t max_body_bytes = 0; // 0: the host's default
};

// A configured channel. poll and ack: one thread. receive, decode, routes, cancel: any thread.
class Source {
  public:
    virtual ~Source() = default;
    virtual const std::string& name() const = 0;
    virtual const std::string& plugin() const = 0;
    // How many batches may be under way unacknowledged.
    virtual std::size_t maxInflight() const = 0;
    // False for a channel that only receives.
    virtual bool polls() const = 0;
    // True for a channel that has routes while it runs.
    virtual bool receives() const = 0;
    virtual Answer start(const std::optional<std::string>& checkpoint) = 0;
    virtual Answer poll(const PollLimits& limits) = 0;
    virtual void ack(std::uint64_t batch_id, bool stored) = 0;
    // Reads one reject again; a FeedbackBatch in the answer's bytes.
    virtual Answer decode(std::string_view payload) = 0;
    // What it receives while it runs, and one request: an IngressRequest in, an IngressReply out.
    virtual std::vector<Route> routes() const = 0;
    virtual Answer receive(const std::string& path, std::string_view request) = 0;
    // Whether it can act on its channel by what it says of itself; then a CapabilitiesRequest in,
    // Capabilities out, and an Action in, an ActionResult out. Any thread, while it runs.
    virtual bool acts() const { return false; }
    virtual Answer capabilities(std::string_view /*request*/) { return unsupported(); }
    virtual Answer act(std::string_view /*action*/) { return unsupported(); }
    // Makes a call that is under way return soon.
    virtual void cancel() = 0;
    virtual void stop() = 0;
    // Called, on any thread, when the plugin has something to be polled, or has ended by itself.
    virtual void onWake(std::function<void()> wake) = 0;
    // Whether it runs still; why not, in the text. For one that only receives, which nothing else
    // would tell.
    virtual Answer health() const { return {}; }

  private:
    static Answer unsupported() { return {Verdict::Unsupported, "", "it cannot act", 0}; }
};

// A configured classifier. classify: one thread at a time.
class Classifier {
  public:
    virtual ~Classifier() = default;
    virtual const std::string& name() const = 0;
    virtual const std::string& task() const = 0;
    virtual const std::vector<std::string>& labels() const = 0;
    // A ClassifyRequest in, a ClassifyResponse out.
    virtual Answer classify(std::string_view request) = 0;
    // Makes a call that is under way return soon. Any thread.
    virtual void cancel() = 0;
};

// A configured sink. write: one thread at a time. cancel: any thread.
class Sink {
  public:
    virtual ~Sink() = default;
    virtual const std::string& name() const = 0;
    // Before the first write; again where it failed.
    virtual Answer start() = 0;
    // Whether a delivery may be written again though an earlier attempt may have arrived.
    virtual bool mayRepeat() const { return true; }
    // A DeliveryBatch in, DeliveryResults out.
    virtual Answer write(std::uint64_t batch_id, std::string_view batch) = 0;
    virtual void cancel() = 0;
};

} // namespace hearback::pipeline
