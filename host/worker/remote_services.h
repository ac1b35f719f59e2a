// The host's services as an instance in a worker has them: each call travels to the host.
#pragma once

#include "loader/host_services.h"
#include "worker/conversation.h"

#include <string>

namespace hearback::worker {

class RemoteServices final : public loader::HostServices {
  public:
    RemoteServices(Conversation& host, std::string instance)
        : host_(host), instance_(std::move(instance)) {}

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
    // The host knows whom to wake: `wake` is not used.
    base::Result<void> wakeAt(base::Micros at, std::function<void()> wake) override;

  private:
    Conversation& host_;
    const std::string instance_;
    base::SystemClock clock_;
};

} // namespace hearback::worker
