#include "runtime/egress_guard.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/URI.h>

#include <algorithm>
#include <array>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using Poco::Net::IPAddress;

struct Network {
    const char* prefix;
    unsigned bits;
};

constexpr std::array kSpecialV4 = {
    Network{"0.0.0.0", 8},      Network{"10.0.0.0", 8},     Network{"100.64.0.0", 10},
    Network{"127.0.0.0", 8},    Network{"169.254.0.0", 16}, Network{"172.16.0.0", 12},
    Network{"192.0.0.0", 24},   Network{"192.0.2.0", 24},   Network{"192.88.99.0", 24},
    Network{"192.168.0.0", 16}, Network{"198.18.0.0", 15},  Network{"198.51.100.0", 24},
    Network{"203.0.113.0", 24}, Network{"224.0.0.0", 4},    Network{"240.0.0.0", 4}};

// Of IPv6 only 2000::/3 is routed; within it these are not, or lead to IPv4 addresses.
constexpr std::array kSpecialV6 = {Network{"2001::", 23}, Network{"2001:db8::", 32},
                                   Network{"2002::", 16}};

bool isWithin(const IPAddress& address, const Network& network) {
    const IPAddress prefix(network.prefix);
    const IPAddress mask(network.bits, address.family());
    return (address & mask) == (prefix & mask);
}

bool isPublic(const IPAddress& address) {
    const auto within = [&](const Network& network) { return isWithin(address, network); };
    if (address.family() == IPAddress::IPv4)
        return std::none_of(kSpecialV4.begin(), kSpecialV4.end(), within);
    if (address.isIPv4Mapped()) return false;
    return isWithin(address, Network{"2000::", 3}) &&
           std::none_of(kSpecialV6.begin(), kSpecialV6.end(), within);
}

} // namespace

base::Result<Target> parseUrl(const std::string& url) {
    try {
        const Poco::URI uri(url);
        Target target;
        target.encrypted = uri.getScheme() == "https";
        if (!target.encrypted && uri.getScheme() != "http")
            return Error{Code::Invalid, "an address must begin with https:// or http://"};
        if (!uri.getUserInfo().empty())
            return Error{Code::Invalid, "an address must not carry a user name; use the settings "
                                        "that the plugin has for it"};
        target.host = uri.getHost();
        if (target.host.empty()) return Error{Code::Invalid, "an address must name a host"};
        target.port = uri.getPort();
        target.path_and_query = uri.getPathAndQuery();
        if (target.path_and_query.empty() || target.path_and_query.front() != '/')
            target.path_and_query.insert(0, "/");
        return target;
    } catch (const Poco::Exception&) {
        return Error{Code::Invalid, "is no address such as https://example.org/feed"};
    }
}

bool isPublicAddress(const std::string& address) {
    IPAddress parsed;
    return IPAddress::tryParse(address, parsed) && isPublic(parsed);
}

bool EgressGuard::isNamed(const Target& target) const {
    const std::string with_port = target.host + ":" + std::to_string(target.port);
    return std::any_of(allowed_.begin(), allowed_.end(), [&](const std::string& allowed) {
        return allowed == target.host || allowed == with_port;
    });
}

base::Result<std::vector<std::string>> EgressGuard::admit(const Target& target) const {
    const bool named = isNamed(target);
    const std::string how = "name it in the configuration: [egress] allow = [\"" + target.host +
                            ":" + std::to_string(target.port) + "\"]";
    if (!target.encrypted && !named)
        return Error{Code::Invalid, target.host +
                                        " is asked without encryption (http); use https, "
                                        "or " +
                                        how};
    std::vector<std::string> addresses;
    try {
        const Poco::Net::HostEntry entry = Poco::Net::DNS::resolve(target.host);
        for (const IPAddress& address : entry.addresses()) {
            if (!named && !isPublic(address))
                return Error{Code::Invalid, target.host + " leads to the private address " +
                                                address.toString() + "; if plugins may reach it, " +
                                                how};
            addresses.push_back(address.toString());
        }
    } catch (const Poco::Exception&) {
        return Error{Code::Unavailable, "the host " + target.host + " is not known"};
    }
    if (addresses.empty())
        return Error{Code::Unavailable, "the host " + target.host + " has no address"};
    return addresses;
}

} // namespace hearback::runtime
