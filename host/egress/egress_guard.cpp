#include "egress/egress_guard.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/IPAddress.h>
#include <Poco/String.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace hearback::egress {

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

// What the thread that resolves and the one that waits for it share. The first may be left behind:
// the resolver of the C library cannot be called back.
struct Lookup {
    std::mutex mutex;
    std::condition_variable_any done;
    std::optional<std::vector<std::string>> addresses;
};

// How many may be left behind at once.
constexpr int kLookupsMax = 64;
std::atomic<int> lookups{0};

base::Result<std::vector<std::string>>
resolveWithin(const Resolve& resolve, const std::string& host, const Patience& patience) {
    if (++lookups > kLookupsMax) {
        --lookups;
        return Error{Code::Unavailable, "cannot look up " + host +
                                            ": the servers of names answer none of " +
                                            std::to_string(kLookupsMax) + " other questions"};
    }
    auto lookup = std::make_shared<Lookup>();
    try {
        std::thread([lookup, resolve, host] {
            auto addresses = resolve(host);
            {
                const std::lock_guard lock(lookup->mutex);
                lookup->addresses = std::move(addresses);
            }
            --lookups;
            lookup->done.notify_all();
        }).detach();
    } catch (const std::system_error&) {
        --lookups;
        return Error{Code::Unavailable, "cannot look up " + host + ": the system gives no thread"};
    }
    std::unique_lock lock(lookup->mutex);
    while (!lookup->addresses) {
        if (patience.isCancelled()) return Error{Code::Cancelled, "cancelled"};
        if (patience.left() == 0)
            return Error{Code::TimedOut, "the host " + host + " could not be looked up in time"};
        patience.clock().wait(lock, lookup->done, patience.nextLook());
    }
    return std::move(*lookup->addresses);
}

} // namespace

bool isPublicAddress(const std::string& address) {
    IPAddress parsed;
    return IPAddress::tryParse(address, parsed) && isPublic(parsed);
}

std::vector<std::string> resolveBySystem(const std::string& host) {
    std::vector<std::string> addresses;
    try {
        const Poco::Net::HostEntry entry = Poco::Net::DNS::resolve(host);
        for (const IPAddress& address : entry.addresses()) addresses.push_back(address.toString());
    } catch (const Poco::Exception&) {
        // Not known, or the servers of names do not answer: for the caller it is the same.
    }
    return addresses;
}

bool EgressGuard::isNamed(const Target& target) const {
    const std::string with_port = target.host + ":" + std::to_string(target.port);
    return std::any_of(rules_.allow.begin(), rules_.allow.end(), [&](const std::string& allowed) {
        return Poco::icompare(allowed, target.host) == 0 || Poco::icompare(allowed, with_port) == 0;
    });
}

base::Result<std::vector<std::string>> EgressGuard::admit(const Target& target,
                                                          const Patience& patience) const {
    const bool named = isNamed(target);
    const std::string how = "name it in the configuration: [egress] allow = [\"" + target.host +
                            ":" + std::to_string(target.port) + "\"]";
    if (!target.encrypted && !named)
        return Error{Code::Invalid,
                     target.host + " is asked without encryption (http); use https, or " + how};
    if (!named &&
        std::find(rules_.ports.begin(), rules_.ports.end(), target.port) == rules_.ports.end())
        return Error{Code::Invalid,
                     target.host + " is asked at port " + std::to_string(target.port) +
                         ", which is none of [egress] ports; if plugins may, " + how};
    IPAddress literal;
    auto addresses = IPAddress::tryParse(target.host, literal)
                         ? base::Result(std::vector{literal.toString()})
                         : resolveWithin(resolve_, target.host, patience);
    if (!addresses) return addresses;
    if (addresses->empty())
        return Error{Code::Unavailable, "the host " + target.host + " is not known"};
    for (const std::string& address : *addresses)
        if (!named && !isPublicAddress(address))
            return Error{Code::Invalid, target.host + " leads to the private address " + address +
                                            "; if plugins may reach it, " + how};
    return addresses;
}

} // namespace hearback::egress
