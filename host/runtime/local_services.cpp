#include "runtime/local_services.h"

#include "base/utf8.h"
#include "config/secrets.h"

namespace hearback::runtime {

namespace {

constexpr std::size_t kLineMax = 4096;
constexpr std::size_t kMetricNamesMax = 100;

base::Error noDatabase() { return {base::Code::Unavailable, "no database is open"}; }

} // namespace

base::Micros LocalServices::now() const { return services_.clock.now(); }

void LocalServices::log(base::LogLevel level, std::string_view line) {
    const auto verdict = lines_.admit(services_.clock.steady());
    if (verdict == base::WindowLimit::Verdict::LastOne)
        base::logWarning("plugin", "logs too much; the rest of the next seconds is left out",
                         {{"instance", instance_}});
    if (verdict != base::WindowLimit::Verdict::Admitted) return;
    base::log(level, "plugin", base::repairUtf8(base::truncateUtf8(line, kLineMax)),
              {{"instance", instance_}});
}

base::Result<v1::HttpResponse> LocalServices::send(const v1::HttpRequest& request,
                                                   const std::function<bool()>& cancelled) {
    const base::Micros begun = services_.clock.steady();
    auto response = services_.http.send(request, cancelled);
    services_.metrics.observe("hearback_plugin_http_seconds", {{"instance", instance_}},
                              static_cast<double>(services_.clock.steady() - begun) / 1e6);
    return response;
}

base::Result<std::string> LocalServices::secret(const std::string& setting) {
    const auto found = secrets_.find(setting);
    if (found == secrets_.end())
        return base::Error{base::Code::Unsupported, "the setting is no secret"};
    return config::resolveSecret(found->second, services_.config_folder);
}

base::Result<std::optional<std::string>> LocalServices::load(const std::string& key) {
    if (services_.kv == nullptr) return noDatabase();
    return services_.kv->get(instance_, key);
}

base::Result<void> LocalServices::store(const std::string& key, const std::string& value) {
    if (services_.kv == nullptr) return noDatabase();
    return services_.kv->set(instance_, key, value);
}

base::Result<void> LocalServices::remove(const std::string& key) {
    if (services_.kv == nullptr) return noDatabase();
    return services_.kv->remove(instance_, key);
}

void LocalServices::count(std::string_view name, double by) {
    if (by > 0 && isMetricName(name))
        services_.metrics.count("hearback_plugin_" + std::string(name) + "_total",
                                {{"instance", instance_}}, by);
}

void LocalServices::gauge(std::string_view name, double value) {
    if (isMetricName(name))
        services_.metrics.set("hearback_plugin_" + std::string(name), {{"instance", instance_}},
                              value);
}

void LocalServices::timing(std::string_view name, base::Micros duration) {
    if (isMetricName(name))
        services_.metrics.observe("hearback_plugin_" + std::string(name) + "_seconds",
                                  {{"instance", instance_}}, static_cast<double>(duration) / 1e6);
}

bool LocalServices::isMetricName(std::string_view name) {
    const bool fits =
        !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
    if (!fits) return false;
    const std::lock_guard lock(mutex_);
    if (metric_names_.contains(name)) return true;
    if (metric_names_.size() >= kMetricNamesMax) return false;
    metric_names_.emplace(name);
    return true;
}

} // namespace hearback::runtime
