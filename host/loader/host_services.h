// What an instance can ask of its host. In the host itself these are the real services; in a worker
// they travel to it. One object for each instance; any thread.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"

#include "hearback/v1/host.pb.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace hearback::loader {

class HostServices {
  public:
    virtual ~HostServices() = default;
    virtual base::Micros now() const = 0;
    // One line of the plugin's. Bounded by the one who implements it.
    virtual void log(base::LogLevel level, std::string_view line) = 0;
    // `cancelled` is asked now and then while an answer is waited for.
    virtual base::Result<v1::HttpResponse> send(const v1::HttpRequest& request,
                                                const std::function<bool()>& cancelled) = 0;
    // The present value of a setting that is a secret; Unsupported for any other.
    virtual base::Result<std::string> secret(const std::string& setting) = 0;
    virtual base::Result<std::optional<std::string>> load(const std::string& key) = 0;
    virtual base::Result<void> store(const std::string& key, const std::string& value) = 0;
    virtual base::Result<void> remove(const std::string& key) = 0;
    // Names are those of the boundary: checked and bounded by the one who implements it.
    virtual void count(std::string_view name, double by) = 0;
    virtual void gauge(std::string_view name, double value) = 0;
    virtual void timing(std::string_view name, base::Micros duration) = 0;
    // An access token of OAuth 2 that is good for a while; and that the other side refused the one
    // that was given last.
    virtual base::Result<std::string> accessToken(const v1::OAuthAccount& account,
                                                  const std::function<bool()>& cancelled) = 0;
    virtual base::Result<void> tokenRefused(const v1::OAuthAccount& account) = 0;
    // Calls `wake` once when the time of day is `at`; the earliest of several holds. Not after the
    // instance was stopped.
    virtual base::Result<void> wakeAt(base::Micros at, std::function<void()> wake) = 0;
};

} // namespace hearback::loader
