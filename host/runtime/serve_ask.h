// What an instance in a worker asked of its host, done.
#pragma once

#include "frames/frame_socket.h"
#include "loader/host_services.h"

#include <functional>

namespace hearback::runtime {

// The reply to an ask. What makes no sense is answered with an error. `as_json`: bodies are JSON.
frames::Frame serveAsk(const frames::Frame& ask, loader::HostServices& services, bool as_json,
                       const std::function<bool()>& cancelled);

} // namespace hearback::runtime
