#include "egress/http_pool.h"

#include <Poco/Exception.h>
#include <Poco/Net/SSLException.h>

#include <algorithm>
#include <utility>

namespace hearback::egress {

namespace {

// An address that says nothing must not use up the time of the others.
constexpr base::Micros kConnectMax = 5 * base::kSecond;

std::string nameOf(const HttpConnection::Peer& peer) {
    return (peer.encrypted ? "https " : "http ") + peer.host + " " + std::to_string(peer.port);
}

std::unique_ptr<HttpConnection> connect(HttpConnection::Peer peer,
                                        const std::vector<std::string>& addresses,
                                        const Poco::Net::Context::Ptr& tls,
                                        const Patience& patience) {
    for (std::size_t i = 0;; ++i) {
        peer.address = addresses[i];
        const bool is_last = i + 1 == addresses.size();
        try {
            return HttpConnection::open(peer, tls,
                                        is_last ? patience : patience.atMost(kConnectMax));
        } catch (const Poco::TimeoutException&) {
            if (is_last || patience.isOver()) throw;
        } catch (const Poco::Net::SSLException&) {
            throw;
        } catch (const Poco::IOException&) {
            // Refused, or no route to it, such as IPv6 where there is none.
            if (is_last) throw;
        }
    }
}

} // namespace

HttpPool::Lease::Lease(Lease&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)), host_(other.host_),
      connection_(std::move(other.connection_)), is_used_(other.is_used_),
      keep_for_(other.keep_for_) {}

HttpPool::Lease::~Lease() {
    if (pool_ != nullptr) pool_->giveBack(*this);
}

HttpPool::Lease HttpPool::take(const HttpConnection::Peer& peer,
                               const std::vector<std::string>& addresses, bool fresh,
                               const Poco::Net::Context::Ptr& tls, const Patience& patience) {
    const std::string host = nameOf(peer);
    auto kept = place(host, addresses, fresh, patience);
    Lease lease(*this, host);
    lease.is_used_ = kept != nullptr;
    lease.connection_ = kept ? std::move(kept) : connect(peer, addresses, tls, patience);
    return lease;
}

std::list<HttpPool::Idle>::iterator HttpPool::drop(std::list<Idle>::iterator idle) {
    auto& open = open_[idle->host];
    if (--open == 0) open_.erase(idle->host);
    --open_in_all_;
    return idle_.erase(idle);
}

// A place in the pool, with a connection that was kept where there is a healthy one.
std::unique_ptr<HttpConnection> HttpPool::place(const std::string& host,
                                                const std::vector<std::string>& addresses,
                                                bool fresh, const Patience& patience) {
    std::unique_lock lock(mutex_);
    for (;;) {
        for (auto idle = idle_.begin(); idle != idle_.end();)
            idle = idle->until <= clock_.steady() ? drop(idle) : std::next(idle);
        const auto isOfHost = [&](const Idle& idle) { return idle.host == host; };
        for (auto idle = idle_.begin(); !fresh && idle != idle_.end();) {
            const std::string& address = idle->connection->peer().address;
            if (!isOfHost(*idle)) {
                ++idle;
            } else if (std::find(addresses.begin(), addresses.end(), address) != addresses.end() &&
                       idle->connection->isQuiet()) {
                auto kept = std::move(idle->connection);
                idle_.erase(idle);
                return kept;
            } else {
                idle = drop(idle);
            }
        }
        const auto open = open_.find(host);
        const bool has_room = open == open_.end() || open->second < limits_.per_host;
        if (has_room && open_in_all_ < limits_.in_all) {
            ++open_[host];
            ++open_in_all_;
            return nullptr;
        }
        // The one that waits longest makes room, where that helps.
        const auto victim = std::find_if(idle_.rbegin(), idle_.rend(), [&](const Idle& idle) {
            return has_room || isOfHost(idle);
        });
        if (victim != idle_.rend()) {
            drop(std::prev(victim.base()));
            continue;
        }
        if (patience.isOver()) throw Poco::TimeoutException();
        clock_.wait(lock, changed_, patience.nextLook());
    }
}

void HttpPool::giveBack(Lease& lease) {
    std::unique_ptr<HttpConnection> ended; // closed outside of the lock
    {
        const std::lock_guard lock(mutex_);
        const base::Micros keep = std::min(lease.keep_for_, limits_.idle);
        if (lease.connection_ && keep > 0) {
            idle_.push_front({lease.host_, std::move(lease.connection_), clock_.steady() + keep});
        } else {
            ended = std::move(lease.connection_);
            if (--open_[lease.host_] == 0) open_.erase(lease.host_);
            --open_in_all_;
        }
    }
    changed_.notify_all();
}

} // namespace hearback::egress
