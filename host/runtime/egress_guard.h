// Where plugins may send requests: https to public addresses. Everything else (loopback, private
// networks, link-local, plain http) only to hosts that the configuration names.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::runtime {

struct Target {
    bool encrypted = true;
    std::string host; // a name or an address, without brackets
    std::uint16_t port = 443;
    std::string path_and_query; // begins with "/"
};

// An http or https URL. User names and fragments are refused.
base::Result<Target> parseUrl(const std::string& url);

// IPv4 and IPv6 addresses that the public internet does not route to:
// https://www.iana.org/assignments/iana-ipv4-special-registry/ and its IPv6 twin.
bool isPublicAddress(const std::string& address);

class EgressGuard {
  public:
    // "host" or "host:port".
    explicit EgressGuard(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

    // Resolves the target and gives the addresses that may be connected to. The caller connects to
    // one of these, not to the name: it could lead elsewhere the second time.
    base::Result<std::vector<std::string>> admit(const Target& target) const;

  private:
    bool isNamed(const Target& target) const;
    std::vector<std::string> allowed_;
};

} // namespace hearback::runtime
