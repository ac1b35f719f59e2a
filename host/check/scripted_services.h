// The scripted world as the loader's and the workers' host services.
#pragma once

#include "check/host_side.h"
#include "loader/host_services.h"

namespace hearback::check {

class ScriptedServices final : public loader::HostServices {
  public:
    ScriptedServices(World& world, std::string instance)
        : world_(world), instance_(std::move(instance)) {}

    base::Micros now() const override { return base::SystemClock().now(); }
    void log(base::LogLevel, std::string_view) override {}
    base::Result<v1::HttpResponse> send(const v1::HttpRequest& request,
                                        const std::function<bool()>& cancelled) override;
    base::Result<std::string> secret(const std::string& setting) override;
    base::Result<std::optional<std::string>> load(const std::string& key) override {
        return world_.kv.get(instance_, key);
    }
    base::Result<void> store(const std::string& key, const std::string& value) override;
    base::Result<void> remove(const std::string& key) override {
        world_.kv.remove(instance_, key);
        return {};
    }
    void count(std::string_view, double) override {}
    void gauge(std::string_view, double) override {}
    void timing(std::string_view, base::Micros) override {}
    base::Result<std::string> accessToken(const v1::OAuthAccount&,
                                          const std::function<bool()>&) override {
        return std::string("a-token-of-the-check");
    }
    base::Result<void> tokenRefused(const v1::OAuthAccount&) override { return {}; }
    base::Result<void> wakeAt(base::Micros, std::function<void()>) override { return {}; }

  private:
    World& world_;
    const std::string instance_;
};

} // namespace hearback::check
