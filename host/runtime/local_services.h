// The services of this host for one instance: bounded, and named after it in log and figures.
#pragma once

#include "base/window_limit.h"
#include "loader/host_services.h"
#include "runtime/services.h"

#include <map>
#include <mutex>
#include <set>
#include <string>

namespace hearback::runtime {

class LocalServices final : public loader::HostServices {
  public:
    // `secrets`: references by the name of their setting.
    LocalServices(Services& services, std::string instance,
                  std::map<std::string, std::string> secrets)
        : services_(services), instance_(std::move(instance)), secrets_(std::move(secrets)) {}

    base::Micros now() const override;
    void log(base::LogLevel level, std::string_view line) override;
    base::Result<v1::HttpResponse> send(const v1::HttpRequest& request,
                                        const std::function<bool()>& cancelled) override;
    base::Result<std::string> secret(const std::string& setting) override;
    base::Result<std::optional<std::string>> load(const std::string& key) override;
    base::Result<void> store(const std::string& key, const std::string& value) override;
    base::Result<void> remove(const std::string& key) override;
    void count(std::string_view name, double by) override;
    void gauge(std::string_view name, double value) override;
    void timing(std::string_view name, base::Micros duration) override;

  private:
    bool isMetricName(std::string_view name);

    Services& services_;
    const std::string instance_;
    const std::map<std::string, std::string> secrets_;
    // A plugin that logs a line for each message must not fill the disk.
    base::WindowLimit lines_{100, 10 * base::kSecond};
    std::mutex mutex_;
    std::set<std::string, std::less<>> metric_names_;
};

} // namespace hearback::runtime
