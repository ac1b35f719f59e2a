// One request of a plugin's on its way: over its redirects, each of which is checked like the
// first address, and once more where a connection that was kept turns out to be closed.
#pragma once

#include "egress/egress_guard.h"
#include "egress/http_pool.h"

#include "hearback/v1/host.pb.h"

#include <functional>
#include <set>
#include <string>

namespace hearback::egress {

// Whether a plugin may send to a host at all; the error says why not.
using Permit = std::function<base::Result<void>(const std::string& host)>;

class HttpExchange {
  public:
    struct Ways {
        const EgressGuard& guard;
        HttpPool& pool;
        Poco::Net::Context::Ptr tls;
        const Permit& permit;
    };

    HttpExchange(const v1::HttpRequest& request, Ways ways, const Patience& patience);

    base::Result<v1::HttpResponse> run();

  private:
    base::Result<void> follow(int status, bool first);
    base::Result<void> once();
    base::Result<void> attempt(const Target& target, const std::vector<std::string>& addresses,
                               bool fresh);
    base::Result<void> converse(const Target& target, HttpPool::Lease& lease);
    base::Result<void> readBody(std::istream& content, const Target& target,
                                HttpConnection& connection, const Poco::Net::HTTPResponse& head);
    void writeHead(const Target& target, Poco::Net::HTTPRequest& out) const;
    base::Error failed(const Target& target, const std::string& what) const;
    bool mayRepeat() const;

    const v1::HttpRequest& request_;
    Ways ways_;
    const Patience& patience_;
    std::string method_;
    std::string body_;
    std::string url_;
    std::int64_t max_bytes_ = 0;
    bool same_origin_ = true;
    bool permanent_ = false;
    bool was_sent_ = false;        // something of a request was given to the network
    bool can_be_repeated_ = false; // of the last failure: the other side cannot have taken it
    std::string location_;
    std::set<std::string> seen_;
    v1::HttpResponse response_;
};

} // namespace hearback::egress
