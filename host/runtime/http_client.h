// HTTP for all plugins: certificates checked, addresses guarded on every hop, size and time
// bounded. Any thread; each call has a connection of its own.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "runtime/egress_guard.h"

#include "hearback/v1/host.pb.h"

#include <functional>
#include <memory>

namespace hearback::runtime {

class HttpClient {
  public:
    HttpClient(EgressGuard guard, base::Clock& clock);
    ~HttpClient();

    // Any status of the remote side is an answer. Errors: Invalid (address not allowed, malformed
    // request), Full (answer too large), Unavailable, TimedOut, Cancelled. `cancelled` is asked
    // between parts of the answer.
    base::Result<v1::HttpResponse> send(const v1::HttpRequest& request,
                                        const std::function<bool()>& cancelled);

  private:
    struct Tls;

    EgressGuard guard_;
    base::Clock& clock_;
    std::unique_ptr<Tls> tls_;
};

} // namespace hearback::runtime
