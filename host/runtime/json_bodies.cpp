#include "runtime/json_bodies.h"

#include "hearback/v1/action.pb.h"
#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/delivery.pb.h"
#include "hearback/v1/feedback.pb.h"
#include "hearback/v1/host.pb.h"

#include <google/protobuf/util/json_util.h>

#include <memory>

namespace hearback::runtime {

namespace {

using google::protobuf::Message;
using loader::Method;

base::Error invalid(std::string text) { return {base::Code::Invalid, std::move(text)}; }

base::Result<std::string> toJson(std::unique_ptr<Message> message, std::string_view bytes) {
    if (!message->ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
        return invalid("the message cannot be read");
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    options.always_print_primitive_fields = false;
    std::string text;
    const auto status = google::protobuf::util::MessageToJsonString(*message, &text, options);
    if (!status.ok()) return invalid("the message cannot be written as JSON");
    return text;
}

base::Result<std::string> fromJson(std::unique_ptr<Message> message, std::string_view text) {
    if (text.empty()) return std::string();
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = false;
    const auto status = google::protobuf::util::JsonStringToMessage(
        google::protobuf::StringPiece(text.data(), text.size()), message.get(), options);
    if (!status.ok())
        return invalid("the JSON is no " + message->GetTypeName() + ": " +
                       std::string(status.message()));
    return message->SerializeAsString();
}

std::unique_ptr<Message> requestOf(Method method) {
    switch (method) {
    case Method::Receive: return std::make_unique<v1::IngressRequest>();
    case Method::Classify: return std::make_unique<v1::ClassifyRequest>();
    case Method::Write: return std::make_unique<v1::DeliveryBatch>();
    case Method::Capabilities: return std::make_unique<v1::CapabilitiesRequest>();
    case Method::Act: return std::make_unique<v1::Action>();
    default: return nullptr; // bytes of the plugin's own, or none
    }
}

std::unique_ptr<Message> resultOf(Method method) {
    switch (method) {
    case Method::Labels: return std::make_unique<v1::LabelSet>();
    case Method::Poll:
    case Method::Decode: return std::make_unique<v1::FeedbackBatch>();
    case Method::Receive: return std::make_unique<v1::IngressReply>();
    case Method::Classify: return std::make_unique<v1::ClassifyResponse>();
    case Method::Write: return std::make_unique<v1::DeliveryResults>();
    case Method::Capabilities: return std::make_unique<v1::Capabilities>();
    case Method::Act: return std::make_unique<v1::ActionResult>();
    default: return nullptr;
    }
}

} // namespace

base::Result<std::string> requestToJson(Method method, std::string_view bytes) {
    auto message = requestOf(method);
    if (!message) return std::string(bytes);
    return toJson(std::move(message), bytes);
}

base::Result<std::string> resultFromJson(Method method, std::string_view text) {
    auto message = resultOf(method);
    if (!message) return std::string(text);
    return fromJson(std::move(message), text);
}

base::Result<std::string> httpRequestFromJson(std::string_view text) {
    return fromJson(std::make_unique<v1::HttpRequest>(), text);
}

base::Result<std::string> httpResponseToJson(std::string_view bytes) {
    return toJson(std::make_unique<v1::HttpResponse>(), bytes);
}

base::Result<std::string> oauthAccountFromJson(std::string_view text) {
    return fromJson(std::make_unique<v1::OAuthAccount>(), text);
}

} // namespace hearback::runtime
