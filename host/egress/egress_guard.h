// Where plugins may send requests: https to public addresses, at the ports that web services use.
// Everything else (loopback, private networks, link-local, plain http, other ports) only to hosts
// that the configuration names. Any thread.
#pragma once

#include "base/result.h"
#include "egress/patience.h"
#include "egress/url.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace hearback::egress {

// IPv4 and IPv6 addresses that the public internet does not route to:
// https://www.iana.org/assignments/iana-ipv4-special-registry/ and its IPv6 twin.
bool isPublicAddress(const std::string& address);

struct EgressRules {
    // "host" or "host:port": exempt from all the others.
    std::vector<std::string> allow;
    std::vector<std::uint16_t> ports = {80, 443, 8080, 8443};
};

// The addresses of a name; empty where there is none. May block.
using Resolve = std::function<std::vector<std::string>(const std::string& host)>;
std::vector<std::string> resolveBySystem(const std::string& host);

class EgressGuard {
  public:
    explicit EgressGuard(EgressRules rules, Resolve resolve = resolveBySystem)
        : rules_(std::move(rules)), resolve_(std::move(resolve)) {}

    // Resolves the target and gives the addresses that may be connected to. The caller connects to
    // one of these, not to the name: it could lead elsewhere the second time.
    base::Result<std::vector<std::string>> admit(const Target& target,
                                                 const Patience& patience) const;

  private:
    bool isNamed(const Target& target) const;

    EgressRules rules_;
    Resolve resolve_;
};

} // namespace hearback::egress
