#include "check/scripted_services.h"

namespace hearback::check {

namespace {

base::Code codeOf(hb_status status) {
    switch (status) {
    case HB_CANCELLED: return base::Code::Cancelled;
    case HB_LIMIT: return base::Code::Full;
    case HB_CONFIG: return base::Code::Invalid;
    default: return base::Code::Unavailable;
    }
}

} // namespace

base::Result<v1::HttpResponse> ScriptedServices::send(const v1::HttpRequest& request,
                                                      const std::function<bool()>& cancelled) {
    auto reply = world_.http.send("", request, cancelled);
    if (reply.status != HB_OK) return base::Error{codeOf(reply.status), reply.text};
    return std::move(reply.response);
}

base::Result<std::string> ScriptedServices::secret(const std::string& setting) {
    const auto found = world_.secrets.find(setting);
    if (found == world_.secrets.end())
        return base::Error{base::Code::Unsupported, "the setting is no secret"};
    return found->second;
}

base::Result<void> ScriptedServices::store(const std::string& key, const std::string& value) {
    if (!world_.kv.set(instance_, key, value))
        return base::Error{base::Code::Full, "a key or a value is too large"};
    return {};
}

} // namespace hearback::check
