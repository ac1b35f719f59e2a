#include "cli/message_text.h"

#include "cli/terminal.h"

#include "hearback/sdk/time.hpp"

#include <google/protobuf/util/json_util.h>
#include <nlohmann/json.hpp>

namespace hearback::cli {

namespace {

nlohmann::json protoJson(const google::protobuf::Message& message) {
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok())
        return nlohmann::json::object();
    return nlohmann::json::parse(text, nullptr, false);
}

} // namespace

std::string labelOf(const v1::AnnotationSet& annotations, std::string_view task) {
    for (const v1::Annotation& annotation : annotations.annotations())
        if (annotation.task() == task) return annotation.label();
    return {};
}

std::string styledSentiment(const std::string& sentiment, const std::string& text) {
    if (sentiment == "negative") return styled(Style::Red, text);
    if (sentiment == "positive") return styled(Style::Green, text);
    return text;
}

std::string shortTime(std::int64_t us) {
    std::string text = formatRfc3339(us).substr(0, 16);
    text[10] = ' ';
    return text;
}

nlohmann::json toJson(const v1::FeedbackMessage& message) { return protoJson(message); }
nlohmann::json toJson(const v1::AnnotationSet& annotations) { return protoJson(annotations); }
nlohmann::json toJson(const v1::Route& route) { return protoJson(route); }

const char* nameOf(v1::Priority priority) {
    switch (priority) {
    case v1::PRIORITY_LOW: return "low";
    case v1::PRIORITY_HIGH: return "high";
    case v1::PRIORITY_URGENT: return "urgent";
    default: return "normal";
    }
}

} // namespace hearback::cli
