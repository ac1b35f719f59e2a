// An HTTP server: Poco's, with its limits. A thread for each connection.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "base/result.h"
#include "config/settings.h"
#include "http/messages.h"

#include <cstdint>
#include <memory>
#include <string>

namespace hearback::http {

class Server {
  public:
    // Listens at once; port 0 takes a free one. `name` is for the metrics and the log.
    static base::Result<std::unique_ptr<Server>> start(const std::string& name,
                                                       const config::HttpSettings& settings,
                                                       Handler handler, BodyLimit body_limit,
                                                       base::Clock& clock, base::Metrics& metrics);
    ~Server();

    std::uint16_t port() const;
    // "http://127.0.0.1:8080"
    const std::string& address() const;
    // Takes no more connections and lets those that are being answered finish, for so long.
    void stop(base::Micros patience);

  private:
    Server();
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace hearback::http
