#include "check/samples.h"

#include <hearback/signatures/signatures.h>

namespace hearback::check {

namespace {

constexpr base::Micros kWhen = 1'767'225'600 * base::kSecond; // 2026-01-01

void addHeader(v1::IngressRequest& request, const std::string& name, const std::string& value) {
    v1::HttpHeader& header = *request.add_headers();
    header.set_name(name);
    header.set_value(value);
}

} // namespace

std::vector<std::string> ordinaryTexts(const Plan& plan) {
    std::vector<std::string> texts = {
        "I love this lamp, it is wonderful",
        "The delivery came two weeks late and nobody answered my mails",
        "Die Rechnung stimmt nicht, bitte um Rückruf",
        "¿Dónde está mi pedido? Llevo esperando tres días",
        "WIN A FREE PRIZE NOW click here http://prize.example",
        "Please add a dark mode"};
    texts.insert(texts.end(), plan.texts.begin(), plan.texts.end());
    return texts;
}

std::vector<std::string> hardTexts() {
    std::string combining = "a";
    for (int i = 0; i < 500; ++i) combining += "\u0301";
    return {"",
            " ",
            "\n\n\n\t",
            ".",
            "7",
            std::string("zero\0byte", 9),
            "\u200E\u202E right to left \u0645\u0631\u062D\u0628\u0627",
            "\U0001F600\U0001F468\u200D\U0001F469\u200D\U0001F467\U0001F3F4",
            combining,
            "\uFEFFwith a mark of order",
            "%s %n %d {} ${x} $(id) `id`",
            "\"quotes\", 'more', \\ and \r\n lines",
            "=HYPERLINK(\"http://x\")",
            "</script><script>alert(1)</script>",
            std::string(60 << 10, 'x'),
            std::string(8 << 10, ' ') + "at last",
            "\u4F60\u597D\uFF0C\u5F88\u9AD8\u5174"};
}

v1::FeedbackMessage messageOf(const std::string& text, std::size_t number) {
    v1::FeedbackMessage message;
    message.set_source("check");
    message.set_external_id("check-" + std::to_string(number));
    message.set_kind(v1::KIND_COMMENT);
    message.set_channel("check");
    message.set_text(text);
    message.set_occurred_at_us(kWhen + static_cast<base::Micros>(number) * base::kMinute);
    message.set_received_at_us(message.occurred_at_us() + base::kSecond);
    message.mutable_author()->set_display_name("Ada");
    return message;
}

v1::ClassifyRequest questionOf(const std::vector<std::string>& texts) {
    v1::ClassifyRequest request;
    for (std::size_t i = 0; i < texts.size(); ++i)
        *request.add_messages() = messageOf(texts[i], i + 1);
    return request;
}

std::string markerOf(const std::string& name, std::size_t number) {
    return "marker" + name + "n" + std::to_string(number) + "end";
}

v1::Delivery deliveryOf(const std::string& name, std::size_t number, const std::string& text) {
    v1::Delivery delivery;
    delivery.set_idempotency_key("key-" + name + "-" + std::to_string(number));
    delivery.set_message_id(static_cast<std::int64_t>(number));
    *delivery.mutable_message() = messageOf(text, number);
    delivery.mutable_message()->set_conversation_key("conversation-" + name);
    v1::Annotation& annotation = *delivery.add_annotations();
    annotation.set_classifier("sentiment");
    annotation.set_task("sentiment");
    annotation.set_label("positive");
    annotation.set_confidence(0.9);
    delivery.mutable_route()->set_team("support");
    delivery.set_attempt(1);
    return delivery;
}

v1::DeliveryBatch deliveriesOf(const std::string& name, std::size_t count) {
    v1::DeliveryBatch batch;
    for (std::size_t i = 0; i < count; ++i)
        *batch.add_deliveries() = deliveryOf(name, i, "Thank you! " + markerOf(name, i));
    return batch;
}

v1::IngressRequest ingressOf(const RequestToSend& from, base::Micros now) {
    v1::IngressRequest request;
    request.set_method(from.method);
    request.set_query(from.query);
    request.set_body(from.body);
    request.set_received_at_us(now);
    std::string id = "check-request";
    for (const auto& [name, value] : from.headers) {
        addHeader(request, name, value);
        if (name == "webhook-id") id = value;
    }
    const std::int64_t seconds = now / base::kSecond;
    switch (from.sign) {
    case Signature::None: break;
    case Signature::Standard:
        if (id == "check-request") addHeader(request, "webhook-id", id);
        addHeader(request, "webhook-timestamp", std::to_string(seconds));
        addHeader(request, "webhook-signature",
                  signatures::standardSignature(signatures::standardKey(from.secret), id, seconds,
                                                from.body));
        break;
    case Signature::GitHub:
        addHeader(request, "X-Hub-Signature-256",
                  "sha256=" + signatures::toHex(signatures::hmacSha256(from.secret, from.body)));
        break;
    case Signature::Hmac:
        addHeader(request, from.signature_header,
                  from.signature_prefix +
                      signatures::toHex(signatures::hmacSha256(from.secret, from.body)));
        break;
    }
    return request;
}

v1::FeedbackMessage targetOf(const std::string& external_id) {
    v1::FeedbackMessage target = messageOf("Where is my order?", 1);
    target.set_external_id(external_id);
    return target;
}

v1::Action actionOf(const ActionToTry& from, const std::string& key) {
    v1::Action action;
    action.set_idempotency_key(key);
    action.set_kind(static_cast<v1::ActionKind>(from.kind));
    action.set_target_external_id(from.target);
    action.set_text(from.text);
    action.set_actor("Ada");
    action.set_tag(from.tag);
    action.set_attempt(1);
    *action.mutable_target() = targetOf(from.target);
    return action;
}

} // namespace hearback::check
