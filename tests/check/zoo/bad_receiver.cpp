// A good channel that receives signed requests, unless it is told to break a rule.
#include "bad.h"

#include <hearback/sdk/plugin.hpp>
#include <hearback/signatures/signatures.h>

#include <atomic>
#include <cstdlib>

namespace {

using hearback::Status;
namespace signatures = hearback::signatures;

hb_status nothing(hb_instance*, hb_bytes, const hb_writer*) { return HB_OK; }

class Receiver final : public hearback::Channel {
  public:
    struct Settings {
        std::string secret;
    };
    static constexpr auto kAbout =
        hearback::about("bad-receiver", "1.0.0", "Breaks rules when told").needs("ingress");
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("secret", &Settings::secret, "What requests are signed with").secret());

    explicit Receiver(hearback::Host& host) : host_(host) {}
    Status configure(const Settings& settings) {
        key_ = signatures::standardKey(settings.secret);
        return Status::ok();
    }

    Status start(std::optional<std::string_view>) override {
        if (!bad("receive/routes") || host_.ingress() == nullptr) return Status::ok();
        const hb_route wrong{sizeof(hb_route), 0, {"/x", 2}, {"post", 4}, nothing};
        (void)host_.ingress()->add_route(host_.table()->context, &wrong);
        return Status::ok();
    }

    Status receive(const hearback::Request& request, hearback::Reply& reply) override {
        if (!isGenuine(request) && !bad("receive/forged")) {
            reply.refuse(401, "signature", "the signature is not right");
            return Status::ok();
        }
        if (bad("receive/requests")) {
            reply.refuse(404, "lost", "nobody is here");
            return Status::ok();
        }
        const auto body = nlohmann::json::parse(request.body, nullptr, false);
        if (!body.is_object() || !body.contains("text") || !body["text"].is_string()) {
            if (bad("receive/garbage")) return Status::internal("cannot read that");
            reply.refuse(422, "malformed", "there is no text");
            return Status::ok();
        }
        std::string id(request.header("webhook-id"));
        if (bad("receive/same-again")) id += std::to_string(++received_);
        reply.batch().add().externalId(id).text(body["text"].get<std::string>());
        return Status::ok();
    }

  private:
    bool isGenuine(const hearback::Request& request) const {
        const std::int64_t at =
            std::atoll(std::string(request.header("webhook-timestamp")).c_str());
        const std::int64_t age = request.received_at_us / 1000000 - at;
        return std::abs(age) < 300 &&
               signatures::isStandardSignature(key_, request.header("webhook-id"), at, request.body,
                                               request.header("webhook-signature"));
    }

    hearback::Host& host_;
    std::string key_;
    std::atomic<int> received_{0};
};

} // namespace

HEARBACK_PLUGIN(Receiver)
