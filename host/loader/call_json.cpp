#include "loader/call_json.h"

#include "base/utf8.h"

#include <algorithm>
#include <array>
#include <limits>

namespace hearback::loader {

namespace {

using nlohmann::json;
using pipeline::Answer;
using pipeline::Verdict;

constexpr std::array kMethods = {
    Method::Configure, Method::Check,        Method::Start,  Method::Stop,    Method::Labels,
    Method::Poll,      Method::Ack,          Method::Decode, Method::Receive, Method::Classify,
    Method::Write,     Method::Capabilities, Method::Act};
constexpr std::size_t kTextMax = 2048;
constexpr std::size_t kRoutesMax = 16;

// The other side is not trusted: a member of another type counts as absent.
template <class Number>
Number number(const json& head, const char* key, Number otherwise) {
    const auto found = head.find(key);
    if (found == head.end() || !found->is_number_integer()) return otherwise;
    const auto value = found->get<std::int64_t>();
    if (value < 0) return otherwise;
    return static_cast<Number>(
        std::min<std::uint64_t>(static_cast<std::uint64_t>(value),
                                static_cast<std::uint64_t>(std::numeric_limits<Number>::max())));
}

std::string text(const json& head, const char* key) {
    const auto found = head.find(key);
    return found != head.end() && found->is_string() ? found->get<std::string>() : std::string();
}

} // namespace

std::optional<Method> methodOf(std::string_view name) {
    for (const Method method : kMethods)
        if (name == nameOf(method)) return method;
    return std::nullopt;
}

json toJson(const Call& call) {
    json head = {{"do", nameOf(call.method)}};
    switch (call.method) {
    case Method::Start: head["has_checkpoint"] = call.has_checkpoint; break;
    case Method::Poll:
        head["batch_id"] = call.limits.batch_id;
        head["max_items"] = call.limits.max_items;
        head["max_bytes"] = call.limits.max_bytes;
        head["timeout_ms"] = call.limits.timeout_ms;
        break;
    case Method::Ack:
        head["batch_id"] = call.batch_id;
        head["stored"] = call.stored;
        break;
    case Method::Receive: head["path"] = call.path; break;
    case Method::Write: head["batch_id"] = call.batch_id; break;
    default: break;
    }
    return head;
}

std::optional<Call> callOf(const json& head, std::string_view bytes) {
    const auto method = methodOf(text(head, "do"));
    if (!method) return std::nullopt;
    Call call;
    call.method = *method;
    call.bytes = bytes;
    call.has_checkpoint = head.value("has_checkpoint", json()) == true;
    call.stored = head.value("stored", json()) == true;
    call.batch_id = number<std::uint64_t>(head, "batch_id", 0);
    call.limits.batch_id = call.batch_id;
    call.limits.max_items = number<std::uint32_t>(head, "max_items", call.limits.max_items);
    call.limits.max_bytes = number<std::uint64_t>(head, "max_bytes", call.limits.max_bytes);
    call.limits.timeout_ms = number<std::uint32_t>(head, "timeout_ms", call.limits.timeout_ms);
    const auto path = head.find("path");
    if (path != head.end() && path->is_string()) call.path = path->get_ref<const std::string&>();
    return call;
}

json toJson(const Answer& answer) {
    json head = {{"status", static_cast<int>(answer.verdict)}};
    if (!answer.text.empty()) head["text"] = answer.text;
    if (answer.retry_after > 0) head["retry_after_ms"] = answer.retry_after / base::kMillisecond;
    return head;
}

Answer answerOf(const json& head, std::string bytes) {
    Answer answer;
    const auto status = number<std::int32_t>(head, "status", -1);
    const bool known = status >= 0 && status <= static_cast<std::int32_t>(Verdict::Limit);
    answer.verdict = known ? static_cast<Verdict>(status) : Verdict::Internal;
    answer.text = base::printable(text(head, "text"), kTextMax);
    if (!known && answer.text.empty()) answer.text = "answered without a status";
    const auto wait_max = base::kDay / base::kMillisecond;
    answer.retry_after =
        std::min(number<std::int64_t>(head, "retry_after_ms", 0), wait_max) * base::kMillisecond;
    answer.bytes = std::move(bytes);
    return answer;
}

json toJson(const std::vector<pipeline::Route>& routes) {
    json list = json::array();
    for (const pipeline::Route& route : routes)
        list.push_back({{"path", route.path},
                        {"methods", route.methods},
                        {"max_body_bytes", route.max_body_bytes}});
    return list;
}

std::vector<pipeline::Route> routesOf(const json& list) {
    std::vector<pipeline::Route> routes;
    if (!list.is_array()) return routes;
    for (const json& each : list) {
        if (!each.is_object() || routes.size() == kRoutesMax) continue;
        pipeline::Route& route = routes.emplace_back();
        route.path = text(each, "path");
        route.max_body_bytes = number<std::uint32_t>(each, "max_body_bytes", 0);
        const auto methods = each.find("methods");
        if (methods == each.end() || !methods->is_array()) continue;
        for (const json& method : *methods)
            if (method.is_string() && route.methods.size() < 8)
                route.methods.push_back(method.get<std::string>());
    }
    return routes;
}

} // namespace hearback::loader
