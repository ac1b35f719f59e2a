// The three kinds of plugins. Derive from one, declare kAbout (and Settings with kSettings), and
// end the file with HEARBACK_PLUGIN(YourClass).
//
// A plugin has a constructor that takes Host& and, where it has settings,
//     hearback::Status configure(const Settings& settings);
// which is called before start() and again whenever the settings change. Every function may throw
// hearback::Error, or any exception for what should not happen.
#pragma once

#include "hearback/plugin/classifier.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"
#include "hearback/sdk/actions.hpp"
#include "hearback/sdk/annotations_out.hpp"
#include "hearback/sdk/delivery.hpp"
#include "hearback/sdk/host.hpp"
#include "hearback/sdk/ingress.hpp"
#include "hearback/sdk/manifest.hpp"
#include "hearback/sdk/message_out.hpp"
#include "hearback/sdk/message_view.hpp"
#include "hearback/sdk/settings.hpp"
#include "hearback/sdk/status.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hearback {

class Plugin {
  public:
    Plugin() = default;
    Plugin(const Plugin&) = delete;
    Plugin& operator=(const Plugin&) = delete;
    virtual ~Plugin() = default;

    // Can it work with these settings? `report` is shown to the operator. Leaves no trace.
    virtual Status check(std::string& /*report*/) { return Status::ok(); }
    // Ends; threads of the plugin's own are joined when it returns.
    virtual void stop() {}
    // Called on another thread while a call is under way: make it return soon.
    virtual void cancel() {}
};

struct PollLimits {
    std::uint64_t batch_id = 0;
    std::uint32_t max_items = 0;
    std::uint64_t max_bytes = 0;
    std::chrono::milliseconds timeout{0};
};

// Brings feedback in: by polling (override poll) or by being called (override receive).
class Channel : public Plugin {
  public:
    static constexpr std::string_view kKind = "channel";
    static constexpr std::string_view kExtension = HB_EXT_SOURCE_1;
    // Methods that receive() takes.
    static constexpr std::string_view kMethods = "POST";

    // `checkpoint`: what the last stored batch carried; none at the first start.
    virtual Status start(std::optional<std::string_view> /*checkpoint*/) { return Status::ok(); }
    // Fills the batch with what is there; an empty one means "nothing now". What again() leaves in
    // it counts all the same: messages, or only pollAgainIn().
    virtual Status poll(BatchOut& /*batch*/, const PollLimits& /*limits*/) {
        return Status::unsupported("this channel is not polled");
    }
    virtual void ack(std::uint64_t /*batch_id*/, bool /*stored*/) {}
    // Reads what was rejected once more, after a mend.
    virtual Status decode(std::string_view /*payload*/, BatchOut& /*batch*/) {
        return Status::unsupported("this channel cannot read rejects again");
    }
    virtual Status receive(const Request& /*request*/, Reply& /*reply*/) {
        return Status::unsupported("this channel receives nothing");
    }
};

// Says something about messages.
class Classifier : public Plugin {
  public:
    static constexpr std::string_view kKind = "classifier";
    static constexpr std::string_view kExtension = HB_EXT_CLASSIFIER_1;

    virtual Status start() { return Status::ok(); }
    // Changes whenever the answers may; at most 128 bytes.
    virtual std::string modelVersion() const = 0;
    // Every label that can be given under the present settings; none: those of kAbout.
    virtual std::vector<std::string> labels() const { return {}; }
    virtual Status classify(const std::vector<MessageView>& messages, AnnotationsOut& out) = 0;
};

// Hands feedback on.
class Sink : public Plugin {
  public:
    static constexpr std::string_view kKind = "sink";
    static constexpr std::string_view kExtension = HB_EXT_SINK_1;

    virtual Status start() { return Status::ok(); }
    // Single results go to `results`; what is not named there shares the returned status.
    virtual Status write(const std::vector<DeliveryView>& deliveries, ResultsOut& results) = 0;
    // Makes durable what write() took and did not name. Where it fails, that is delivered again;
    // what was named in `results` stays as it was named.
    virtual Status flush(std::chrono::milliseconds /*deadline*/) { return Status::ok(); }
};

} // namespace hearback
