// What a program asks its host, passed on to the table that a test's host offers, so that it meets
// the same missing services, limits and strange servers as a library.
#pragma once

#include "check/host_side.h"
#include "loader/host_services.h"

#include <mutex>

namespace hearback::check {

// The call that an instance is in. What it asks meanwhile comes on threads of the kit's, and is
// held against the rules as if it came from that call.
class CallInProgram {
  public:
    explicit CallInProgram(HostSide& host) : host_(host) {}
    HostSide& host() const { return host_; }
    void begin(const CallUnderWay& call);
    void end();
    // Empty where none is under way.
    std::optional<CallUnderWay> underWay() const;

  private:
    HostSide& host_;
    mutable std::mutex mutex_;
    std::optional<CallUnderWay> call_;
};

class ProgramServices final : public loader::HostServices {
  public:
    explicit ProgramServices(std::shared_ptr<CallInProgram> call) : call_(std::move(call)) {}

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

  private:
    const std::shared_ptr<CallInProgram> call_;
};

} // namespace hearback::check
