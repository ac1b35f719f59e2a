// What an instance in a worker asked of its host, done.
#pragma once

#include "frames/frame_socket.h"
#include "loader/host_services.h"

#include <functional>
#include <optional>

namespace hearback::runtime {

// The reply to an ask. What makes no sense is answered with an error. `as_json`: bodies are JSON.
frames::Frame serveAsk(const frames::Frame& ask, loader::HostServices& services, bool as_json,
                       const std::function<bool()>& cancelled);
// The reply to one that came while the instance was made or configured; null where it may be asked.
std::optional<frames::Frame> refusalOfEarlyAsk(const frames::Frame& ask);

} // namespace hearback::runtime
