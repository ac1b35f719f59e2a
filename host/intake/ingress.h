// Requests that people's software sends to a channel. The plugin verifies and maps them; the answer
// is given only after what they brought was stored. Any thread.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "pipeline/plugins.h"
#include "pipeline/stages.h"

#include "hearback/v1/host.pb.h"

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace hearback::intake {

struct IngressAnswer {
    int status = 200;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
};

// What came of the requests to one source since the start.
struct Received {
    pipeline::Stored stored; // the counts
    base::Micros last_success_at = 0;
    base::Micros last_message_at = 0;
    base::Micros newest_at = 0; // when the newest of them was written
};

class Ingress {
  public:
    Ingress(pipeline::Entrance& entrance, base::Clock& clock, base::Metrics& metrics,
            base::Micros timeout);

    // A channel that may receive; it outlives this.
    void add(pipeline::Source& source);

    // How large a body may be that is sent to this source and path; none where there is no such
    // route. 0: the host's default.
    std::optional<std::uint32_t> maxBody(const std::string& source, const std::string& path) const;

    IngressAnswer handle(const std::string& source, const v1::IngressRequest& request);

    Received received(const std::string& source) const;

  private:
    pipeline::Source* find(const std::string& source) const;
    IngressAnswer store(pipeline::Source& source, IngressAnswer answer, std::string_view batch);
    void note(const std::string& source, const pipeline::Stored& stored, base::Micros newest_at);

    pipeline::Entrance& entrance_;
    base::Clock& clock_;
    base::Metrics& metrics_;
    base::Micros timeout_;
    mutable std::mutex mutex_;
    std::map<std::string, pipeline::Source*> sources_;
    std::map<std::string, Received> received_;
};

} // namespace hearback::intake
