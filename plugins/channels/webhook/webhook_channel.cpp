// The channel `webhook`: feedback that other software sends as JSON over HTTP.
#include "verifier.h"

#include <hearback/mapping/field_mapping.h>
#include <hearback/mapping/json_record.h>
#include <hearback/sdk/plugin.hpp>
#include <hearback/signatures/signatures.h>

#include <optional>

namespace {

using hearback::Status;
using hearback::mapping::FieldMapping;
using hearback::mapping::MappingSettings;
using namespace hearback::webhook;

constexpr std::size_t kItemsMax = 1000;

class WebhookChannel final : public hearback::Channel {
  public:
    struct Settings {
        std::string verify;
        std::string secret;
        std::string signature_header;
        std::string signature_prefix;
        std::int64_t tolerance_s = 300;
        std::string items;
        std::string channel;
        std::map<std::string, std::string> fields;
        double rating_min = 1;
        double rating_max = 5;
    };
    static constexpr auto kAbout =
        hearback::about("webhook", "1.0.0", "Feedback that other software sends as JSON")
            .needs("ingress")
            .maxConcurrency(256);
    static constexpr auto kSettings = hearback::settings(
        hearback::setting("verify", &Settings::verify,
                          "How requests prove where they come from: standard is Standard "
                          "Webhooks, github X-Hub-Signature-256, hmac a plain HMAC-SHA256 of the "
                          "body; none takes anything from anybody")
            .oneOf("standard", "github", "hmac", "none")
            .defaultsTo("standard"),
        hearback::setting("secret", &Settings::secret, "The secret shared with the sender")
            .secret(),
        hearback::setting("signature_header", &Settings::signature_header,
                          "Header of the signature, for hmac")
            .defaultsTo("X-Signature"),
        hearback::setting("signature_prefix", &Settings::signature_prefix,
                          "What stands before the signature, for hmac: sha256=")
            .defaultsTo(""),
        hearback::setting("tolerance_s", &Settings::tolerance_s,
                          "How many seconds a timestamp may be off, for standard")
            .between(10, 3600)
            .defaultsTo(300),
        hearback::setting("items", &Settings::items,
                          "Path of the list of messages within the body, such as data.reviews; "
                          "empty: the body is one message or a list of them")
            .defaultsTo(""),
        hearback::setting("channel", &Settings::channel, "Channel of messages that name none")
            .defaultsTo(""),
        hearback::setting("fields", &Settings::fields,
                          "Which member is which field: { text = \"comment.body\" }; those with "
                          "usual names are found by themselves")
            .defaultsToJson("{}"),
        hearback::setting("rating_min", &Settings::rating_min, "Worst rating of the scale")
            .defaultsTo(1),
        hearback::setting("rating_max", &Settings::rating_max, "Best rating of the scale")
            .defaultsTo(5));

    explicit WebhookChannel(hearback::Host&) {}

    Status configure(const Settings& settings) {
        settings_ = settings;
        verifier_.scheme = settings.verify == "github" ? Scheme::GitHub
                           : settings.verify == "hmac" ? Scheme::Hmac
                           : settings.verify == "none" ? Scheme::None
                                                       : Scheme::Standard;
        verifier_.secret = settings.secret;
        verifier_.header = settings.signature_header;
        verifier_.prefix = settings.signature_prefix;
        verifier_.tolerance_s = settings.tolerance_s;
        if (verifier_.scheme != Scheme::None && settings.secret.empty())
            return Status::config("/secret", "is needed to verify requests: \"env:NAME\" or "
                                             "\"file:PATH\"; or set verify = \"none\"");
        mapping_ = {settings.fields, settings.channel, settings.rating_min, settings.rating_max};
        if (const auto problem = FieldMapping::check(mapping_))
            return Status::config("/fields", *problem);
        return Status::ok();
    }

    // Runs on many threads at once: everything it changes is its own.
    Status receive(const hearback::Request& request, hearback::Reply& reply) override {
        if (const Refusal refusal = verify(request, verifier_)) {
            reply.refuse(401, refusal.reason, refusal.text + "\n");
            return Status::ok();
        }
        const std::string fallback(fallbackId(request));
        std::string problem = addAll(request.body, fallback, reply.batch());
        if (!problem.empty()) {
            // Genuine, but not understood: the sender is told, and it is kept for a mend.
            reply.batch().reject(problem, request.body, "request " + fallback);
            reply.refuse(422, "malformed", problem + "; it is kept as a dead letter\n");
        }
        return Status::ok();
    }

    Status decode(std::string_view payload, hearback::BatchOut& batch) override {
        const std::string problem = addAll(payload, hashOf(payload), batch);
        return problem.empty() ? Status::ok() : Status::itemInvalid(problem);
    }

  private:
    static std::string hashOf(std::string_view body) {
        return "body-" + hearback::signatures::toHex(hearback::signatures::hmacSha256("id", body))
                             .substr(0, 32);
    }

    static std::string fallbackId(const hearback::Request& request) {
        const std::string_view id = deliveryId(request);
        return id.empty() ? hashOf(request.body) : std::string(id);
    }

    // The part of the body that holds the messages; null where the path leads nowhere.
    const nlohmann::json* itemsOf(const nlohmann::json& body) const {
        const nlohmann::json* at = &body;
        std::string_view path = settings_.items;
        while (!path.empty()) {
            const auto dot = path.find('.');
            const std::string key(path.substr(0, dot));
            path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
            if (!at->is_object() || !at->contains(key)) return nullptr;
            at = &(*at)[key];
        }
        return at;
    }

    // Adds every message of the body; what is wrong with it, or nothing. All or none: a body is
    // accepted as a whole, so that the sender knows what to do.
    std::string addAll(std::string_view bytes, const std::string& fallback,
                       hearback::BatchOut& batch) const {
        const auto body = nlohmann::json::parse(bytes, nullptr, false);
        if (body.is_discarded()) return "the body is no JSON";
        const nlohmann::json* items = itemsOf(body);
        if (items == nullptr) return "the body has no member " + settings_.items;
        if (!items->is_array()) {
            if (!items->is_object()) return "the message is no JSON object";
            return addOne(*items, fallback, batch);
        }
        if (items->size() > kItemsMax)
            return "the body holds more than " + std::to_string(kItemsMax) + " messages";
        for (const auto& item : *items)
            if (!item.is_object()) return "one of the messages is no JSON object";
        hearback::BatchOut trial;
        for (std::size_t i = 0; i < items->size(); ++i) {
            const std::string id = fallback + "-" + std::to_string(i);
            if (auto problem = addOne((*items)[i], id, trial); !problem.empty())
                return "message " + std::to_string(i) + ": " + problem;
        }
        for (std::size_t i = 0; i < items->size(); ++i)
            (void)addOne((*items)[i], fallback + "-" + std::to_string(i), batch);
        return {};
    }

    std::string addOne(const nlohmann::json& item, const std::string& fallback,
                       hearback::BatchOut& batch) const {
        const auto columns = hearback::mapping::flatten(item);
        FieldMapping::Cells cells;
        for (const auto& [name, value] : columns) cells.emplace_back(name, value);
        FieldMapping mapping(mapping_);
        return mapping.add(cells, fallback, batch).value_or("");
    }

    Settings settings_;
    VerifierSettings verifier_;
    MappingSettings mapping_;
};

} // namespace

HEARBACK_PLUGIN(WebhookChannel)
