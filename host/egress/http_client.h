// HTTP for all plugins: certificates checked, addresses guarded on every hop, size and time
// bounded, connections kept for the next request. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "egress/egress_guard.h"
#include "egress/http_exchange.h"

#include "hearback/v1/host.pb.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace hearback::egress {

class Recording;

struct HttpOptions {
    // PEM file of authorities that are trusted beside those of the system; empty: none.
    std::filesystem::path authorities;
    HttpPoolLimits pool;
    // Exchanges that are written down or played back; null: neither. Outlives the client.
    Recording* recording = nullptr;
};

// Who sends, as far as that matters to his requests.
struct Sender {
    std::string instance;
    Permit permit;
    // A text without what must not be written down.
    std::function<std::string(std::string_view)> redact;
};

// Whether the file holds certificates that can be used as authorities; why not.
base::Result<void> checkAuthorities(const std::filesystem::path& file);

class HttpClient {
  public:
    HttpClient(EgressGuard guard, base::Clock& clock, HttpOptions options = {});
    ~HttpClient();

    // Any status of the remote side is an answer. Errors: Invalid (address not allowed, malformed
    // request), Unsupported (not permitted), Full (answer too large), Cancelled; Unavailable and
    // TimedOut where nothing can have had an effect, Unclear where it may have had. The sender is
    // asked for every host, `cancelled` every 50 ms.
    base::Result<v1::HttpResponse> send(const v1::HttpRequest& request, const Sender& sender,
                                        const std::function<bool()>& cancelled);

  private:
    struct Tls;

    EgressGuard guard_;
    base::Clock& clock_;
    const HttpOptions options_;
    std::unique_ptr<Tls> tls_;
    HttpPool pool_;
};

} // namespace hearback::egress
