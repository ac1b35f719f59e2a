// A delivery as JSON, in the form that the shipped sinks send and write.
#pragma once

#include "hearback/sdk/delivery.hpp"
#include "hearback/sdk/time.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace hearback {

namespace detail {

inline void putText(nlohmann::json& into, const char* key, std::string_view text) {
    if (!text.empty()) into[key] = text;
}

inline void putTime(nlohmann::json& into, const char* key, std::int64_t us) {
    if (us != 0) into[key] = formatRfc3339(us);
}

inline const char* kindName(Kind kind) {
    switch (kind) {
    case Kind::Comment: return "comment";
    case Kind::Review: return "review";
    case Kind::DirectMessage: return "direct_message";
    case Kind::Mention: return "mention";
    case Kind::Mail: return "mail";
    case Kind::SurveyAnswer: return "survey_answer";
    case Kind::Post: return "post";
    case Kind::Unspecified: break;
    }
    return "";
}

inline const char* priorityName(Priority priority) {
    switch (priority) {
    case Priority::Low: return "low";
    case Priority::High: return "high";
    case Priority::Urgent: return "urgent";
    case Priority::Normal: break;
    }
    return "normal";
}

} // namespace detail

// Members that are not known are left out. Times are RFC 3339.
inline nlohmann::json toJson(const DeliveryView& delivery) {
    using detail::putText;
    using detail::putTime;
    const MessageView& m = delivery.message;
    nlohmann::json json = {{"id", delivery.message_id},    {"source", m.source},
                           {"external_id", m.external_id}, {"revision", m.revision},
                           {"channel", m.channel},         {"text", m.text}};
    putText(json, "kind", detail::kindName(m.kind));
    putText(json, "subject", m.subject);
    putText(json, "language", m.language);
    putText(json, "conversation", m.conversation_key);
    putText(json, "parent", m.parent_external_id);
    putText(json, "permalink", m.permalink);
    putTime(json, "occurred_at", m.occurred_at_us);
    putTime(json, "edited_at", m.edited_at_us);
    putTime(json, "deleted_at", m.deleted_at_us);
    putTime(json, "received_at", m.received_at_us);
    auto author = nlohmann::json::object();
    putText(author, "id", m.author.external_id);
    putText(author, "handle", m.author.handle);
    putText(author, "name", m.author.display_name);
    putText(author, "url", m.author.url);
    if (m.author.followers >= 0) author["followers"] = m.author.followers;
    if (!author.empty()) json["author"] = author;
    if (m.rating.given)
        json["rating"] = {{"value", m.rating.value},
                          {"scale_min", m.rating.scale_min},
                          {"scale_max", m.rating.scale_max}};
    for (const auto& [key, value] : m.attributes)
        json["attributes"][std::string(key)] = std::string(value);
    json["annotations"] = nlohmann::json::array();
    for (const AnnotationView& annotation : delivery.annotations) {
        nlohmann::json said = {{"task", annotation.task},
                               {"label", annotation.label},
                               {"confidence", annotation.confidence},
                               {"model", annotation.model_version}};
        putText(said, "reason", annotation.reason);
        json["annotations"].push_back(std::move(said));
    }
    json["route"] = {{"priority", detail::priorityName(delivery.route.priority)},
                     {"tags", delivery.route.tags},
                     {"rules", delivery.route.rules}};
    putText(json["route"], "team", delivery.route.team);
    json["delivery"] = {{"key", delivery.idempotency_key}, {"attempt", delivery.attempt}};
    return json;
}

} // namespace hearback
