// A good sink that breaks one rule where it is told to: sends each message to a service, as JSON.
#include "bad.h"

#include <hearback/sdk/delivery_json.hpp>
#include <hearback/sdk/plugin.hpp>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <thread>
#include <unistd.h>

using hearback::DeliveryView;
using hearback::Status;

class BadSink final : public hearback::Sink {
  public:
    struct Settings {
        std::string url;
        std::string token;
    };
    static constexpr auto kAbout =
        hearback::about("bad-sink", "1.0.0", "Messages for a service").needs("http");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("url", &Settings::url, "Where they go").required(),
        hearback::setting("token", &Settings::token, "What it lets us in with").secret());

    explicit BadSink(hearback::Host& host) : host_(host) {}
    Status configure(const Settings& settings) {
        settings_ = settings;
        return Status::ok();
    }
    // What the note of an earlier process names was sent, it believes.
    Status start() override {
        std::ifstream note(kNote);
        std::string key;
        for (int process = 0; note >> process >> key;)
            if (process != ::getpid()) noted_.insert(key);
        return Status::ok();
    }
    Status write(const std::vector<DeliveryView>& deliveries,
                 hearback::ResultsOut& results) override {
        if (!bad("sink/killed")) return deliver(deliveries, results);
        // Noted before it is sent: whoever is killed in between never sends it.
        std::ofstream note(kNote, std::ios::app);
        for (const DeliveryView& delivery : deliveries)
            note << ::getpid() << " " << delivery.idempotency_key << "\n";
        note.close();
        return deliver(deliveries, results);
    }

    Status flush(std::chrono::milliseconds) override {
        for (const hearback::HttpCall& call : held_) (void)host_.send(call);
        held_.clear();
        return Status::ok();
    }

  private:
    static constexpr const char* kNote = "under-way";

    Status deliver(const std::vector<DeliveryView>& deliveries, hearback::ResultsOut& results) {
        std::vector<std::uint32_t> sent;
        for (const std::uint32_t i : orderOf(deliveries)) {
            if (host_.isCancelled()) return Status::cancelled();
            const Status status = send(deliveries[i]);
            if (status.isOk()) {
                sent.push_back(i);
                if (!bad("sink/unavailable")) name(i, results);
            } else if (status.code() == HB_ITEM_INVALID && !bad("sink/partial")) {
                results.failed(i, status);
            } else {
                return status; // whatever is not named above comes again
            }
        }
        // Too late for what was sent before the server failed.
        if (bad("sink/unavailable"))
            for (const std::uint32_t i : sent) name(i, results);
        return Status::ok();
    }
    static void name(std::uint32_t i, hearback::ResultsOut& results) {
        results.delivered(bad("write/results") ? i + 1000 : i, "");
    }
    // Long batches are sent from behind.
    static std::vector<std::uint32_t> orderOf(const std::vector<DeliveryView>& deliveries) {
        std::vector<std::uint32_t> order;
        for (std::uint32_t i = 0; i < deliveries.size(); ++i) order.push_back(i);
        if (order.size() > 4 && bad("sink/order")) std::reverse(order.begin(), order.end());
        return order;
    }
    Status send(const DeliveryView& delivery) try {
        const std::string_view text = delivery.message.text;
        if (text.empty() && bad("write/hard-messages")) return Status::internal("there is no text");
        if (noted_.count(std::string(delivery.idempotency_key)) > 0) return Status::ok();
        nlohmann::json body = hearback::toJson(delivery);
        hearback::HttpCall call;
        call.method = "POST";
        call.url = settings_.url;
        call.headers = {{"Content-Type", "application/json"}};
        // One that comes again goes without the key by which the service would know it.
        if (!seen_.emplace(delivery.idempotency_key).second && bad("sink/same-key"))
            body.erase("delivery");
        else
            call.headers.emplace_back("Idempotency-Key", std::string(delivery.idempotency_key));
        if (!settings_.token.empty())
            call.headers.emplace_back("Authorization", "Bearer " + settings_.token);
        call.body = body.dump();
        if (bad("sink/flush")) { // and named as delivered
            held_.push_back(std::move(call));
            return Status::ok();
        }
        const Status outcome = host_.send(call).outcome();
        if (bad("sink/killed")) std::this_thread::sleep_for(std::chrono::milliseconds(5));
        if (outcome.code() == HB_ITEM_INVALID && bad("write/texts"))
            return Status::itemInvalid("refused: " + std::string(text));
        return outcome;
    } catch (const hearback::Error& error) {
        return error.status(); // no answer came
    }

    hearback::Host& host_;
    Settings settings_;
    std::set<std::string> seen_;
    std::set<std::string> noted_;
    std::vector<hearback::HttpCall> held_; // until flush()
};
HEARBACK_PLUGIN(BadSink)
