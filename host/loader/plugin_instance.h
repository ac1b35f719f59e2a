// One configured plugin, wherever it runs: in this process (Instance) or in a worker (the runtime's
// WorkerInstance). Every call into a plugin is a Call and gives an Answer.
#pragma once

#include "loader/manifest.h"
#include "pipeline/plugins.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::loader {

// The functions of the instance table and of the extensions. Control calls (up to Stop) and data
// calls of one instance never overlap.
enum class Method : std::uint8_t {
    Configure,
    Check,
    Start,
    Stop,
    Labels,
    Poll,
    Ack,
    Decode,
    Receive,
    Classify,
    Write,
    Capabilities,
    Act
};
// The name on the wire between host and worker, and in messages: "poll".
const char* nameOf(Method method);

// What a call carries; each method reads its own part.
struct Call {
    Method method = Method::Check;
    // Configure: settings as JSON. Start: the checkpoint. all from Decode on: the message
    // of hearback.v1 that goes in.
    std::string_view bytes = {};
    bool has_checkpoint = false;      // Start: false for a first start
    std::string_view path = {};       // Receive: which route
    std::uint64_t batch_id = 0;       // Poll, Ack, Write
    bool stored = false;              // Ack
    pipeline::PollLimits limits = {}; // Poll
};

class PluginInstance {
  public:
    virtual ~PluginInstance() = default;
    virtual const std::string& name() const = 0;
    virtual const PluginManifest& manifest() const = 0;
    // How many batches of a channel may be under way unacknowledged.
    virtual std::size_t maxInflight() const {
        return static_cast<std::size_t>(manifest().max_inflight);
    }
    // Whether the plugin has such a function. Known after Configure.
    virtual bool can(Method method) const = 0;
    virtual pipeline::Answer run(const Call& call) = 0;
    // Makes a call that is under way return soon. Any thread.
    virtual void cancel() = 0;
    // What it receives while it runs. Any thread.
    virtual std::vector<pipeline::Route> routes() const = 0;
    // Called, on any thread, when the plugin has something to be polled.
    virtual void onWake(std::function<void()> wake) = 0;
    // Whether it could be called now; why not, in the text. Any thread.
    virtual pipeline::Answer health() const { return {}; }
};

} // namespace hearback::loader
