// The services of this host for one instance: bounded, named after it in log and figures, and
// within what its manifest says that it does.
#pragma once

#include "base/window_limit.h"
#include "loader/host_services.h"
#include "runtime/facilities.h"
#include "runtime/instance_secrets.h"
#include "runtime/permissions.h"

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace hearback::runtime {

class LocalServices final : public loader::HostServices {
  public:
    // `secrets`: references by the name of their setting.
    LocalServices(Facilities& facilities, std::string instance,
                  const std::map<std::string, std::string>& secrets, Permissions permissions);
    ~LocalServices() override;

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
    base::Result<std::string> accessToken(const v1::OAuthAccount& account,
                                          const std::function<bool()>& cancelled) override;
    base::Result<void> tokenRefused(const v1::OAuthAccount& account) override;
    base::Result<void> wakeAt(base::Micros at, std::function<void()> wake) override;

    // The instance is stopped: it is not woken any more.
    void forgetWake();
    // The text without the instance's secrets and without credentials in addresses.
    std::string redacted(std::string_view text) const;

  private:
    bool isMetricName(std::string_view name);

    Facilities& facilities_;
    Services& services_;
    const std::string instance_;
    // Shared with requests that outlive this.
    const std::shared_ptr<InstanceSecrets> secrets_;
    const std::shared_ptr<const egress::Sender> sender_;
    // A plugin that logs a line for each message must not fill the disk.
    base::WindowLimit lines_{100, 10 * base::kSecond};
    std::mutex mutex_;
    std::set<std::string, std::less<>> metric_names_;
    std::map<std::string, std::uint64_t> given_tokens_; // the serial, by account
};

} // namespace hearback::runtime
