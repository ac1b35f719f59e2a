// Connections that are kept for the next request to the same place. So many to one host and so many
// in all, those in use and those that wait; who would have one more waits until one is given back.
// Any thread.
#pragma once

#include "base/result.h"
#include "egress/http_connection.h"

#include <condition_variable>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hearback::egress {

struct HttpPoolLimits {
    std::size_t per_host = 16;
    std::size_t in_all = 128;
    // How long one waits for its next request.
    base::Micros idle = 30 * base::kSecond;
};

class HttpPool {
  public:
    // A connection, and its place in the pool: given back at the end.
    class Lease {
      public:
        Lease(HttpPool& pool, std::string host) : pool_(&pool), host_(std::move(host)) {}
        ~Lease();
        Lease(Lease&& other) noexcept;
        Lease& operator=(Lease&&) = delete;

        HttpConnection& connection() { return *connection_; }
        // It has answered a request before, so the other side may have closed it meanwhile.
        bool isUsed() const { return is_used_; }
        // It may answer another one, for so long at most.
        void keep(base::Micros at_most) { keep_for_ = at_most; }

      private:
        friend class HttpPool;
        HttpPool* pool_;
        const std::string host_;
        std::unique_ptr<HttpConnection> connection_;
        bool is_used_ = false;
        base::Micros keep_for_ = 0;
    };

    HttpPool(base::Clock& clock, HttpPoolLimits limits) : clock_(clock), limits_(limits) {}

    // A connection to one of the addresses: one that was kept, else a new one to the first address
    // that takes it. `fresh`: a new one in any case. Throws Poco::Exception.
    Lease take(const HttpConnection::Peer& peer, const std::vector<std::string>& addresses,
               bool fresh, const Poco::Net::Context::Ptr& tls, const Patience& patience);

  private:
    struct Idle {
        std::string host;
        std::unique_ptr<HttpConnection> connection;
        base::Micros until = 0;
    };

    std::unique_ptr<HttpConnection> place(const std::string& host,
                                          const std::vector<std::string>& addresses, bool fresh,
                                          const Patience& patience);
    void giveBack(Lease& lease);
    std::list<Idle>::iterator drop(std::list<Idle>::iterator idle);

    base::Clock& clock_;
    const HttpPoolLimits limits_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::list<Idle> idle_; // the one that was used last first
    std::map<std::string, std::size_t> open_;
    std::size_t open_in_all_ = 0;
};

} // namespace hearback::egress
