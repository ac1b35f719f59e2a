#include "worker/remote_services.h"

#include "base/utf8.h"

namespace hearback::worker {

namespace {

using nlohmann::json;

// What one note may carry; the host cuts it further.
constexpr std::size_t kLineMax = 4096;

// {"reply": N, "error": code, "text": ..., "retry_after_ms": ...} where it failed.
std::optional<base::Error> errorOf(const json& head) {
    const auto found = head.find("error");
    if (found == head.end()) return std::nullopt;
    return base::Error{static_cast<base::Code>(found->get<int>()), head.value("text", ""),
                       head.value("retry_after_ms", std::int64_t{0}) * base::kMillisecond};
}

} // namespace

base::Micros RemoteServices::now() const { return clock_.now(); }

void RemoteServices::log(base::LogLevel level, std::string_view line) {
    host_.send({{"note", "log"},
                {"to", instance_},
                {"level", static_cast<int>(level)},
                {"line", base::repairUtf8(base::truncateUtf8(line, kLineMax))}});
}

base::Result<v1::HttpResponse> RemoteServices::send(const v1::HttpRequest& request,
                                                    const std::function<bool()>&) {
    // A cancel() reaches the host first, which breaks the request off.
    const frames::Frame reply =
        host_.ask(instance_, "http.send", json::object(), request.SerializeAsString());
    if (const auto error = errorOf(reply.head)) return *error;
    v1::HttpResponse response;
    if (!response.ParseFromString(reply.body))
        return base::Error{base::Code::Internal, "the host's answer cannot be read"};
    return response;
}

base::Result<std::string> RemoteServices::secret(const std::string& setting) {
    frames::Frame reply = host_.ask(instance_, "secret.get", {{"setting", setting}});
    if (const auto error = errorOf(reply.head)) return *error;
    return std::move(reply.body);
}

base::Result<std::optional<std::string>> RemoteServices::load(const std::string& key) {
    frames::Frame reply = host_.ask(instance_, "kv.get", json::object(), key);
    if (const auto error = errorOf(reply.head)) return *error;
    if (!reply.head.value("found", false)) return std::optional<std::string>();
    return std::optional(std::move(reply.body));
}

base::Result<void> RemoteServices::store(const std::string& key, const std::string& value) {
    const frames::Frame reply =
        host_.ask(instance_, "kv.set", {{"key_size", key.size()}}, key + value);
    if (const auto error = errorOf(reply.head)) return *error;
    return {};
}

base::Result<void> RemoteServices::remove(const std::string& key) {
    const frames::Frame reply = host_.ask(instance_, "kv.remove", json::object(), key);
    if (const auto error = errorOf(reply.head)) return *error;
    return {};
}

base::Result<std::string> RemoteServices::accessToken(const v1::OAuthAccount& account,
                                                      const std::function<bool()>&) {
    frames::Frame reply =
        host_.ask(instance_, "oauth.token", json::object(), account.SerializeAsString());
    if (const auto error = errorOf(reply.head)) return *error;
    return std::move(reply.body);
}

base::Result<void> RemoteServices::tokenRefused(const v1::OAuthAccount& account) {
    const frames::Frame reply =
        host_.ask(instance_, "oauth.refused", json::object(), account.SerializeAsString());
    if (const auto error = errorOf(reply.head)) return *error;
    return {};
}

base::Result<void> RemoteServices::wakeAt(base::Micros at, std::function<void()>) {
    host_.send({{"note", "wake_at"}, {"to", instance_}, {"at_us", at}});
    return {};
}

void RemoteServices::count(std::string_view name, double by) {
    host_.send({{"note", "count"}, {"to", instance_}, {"name", name}, {"value", by}});
}

void RemoteServices::gauge(std::string_view name, double value) {
    host_.send({{"note", "gauge"}, {"to", instance_}, {"name", name}, {"value", value}});
}

void RemoteServices::timing(std::string_view name, base::Micros duration) {
    host_.send({{"note", "timing"}, {"to", instance_}, {"name", name}, {"value", duration}});
}

} // namespace hearback::worker
