// What the host and a worker process say to each other: frames over one stream socket.
//
//   4 bytes  size of the head, little endian      1 to 65,536
//   4 bytes  size of the body, little endian      0 to 16 MiB + 64 KiB
//   head     a JSON object: what it is ("call", "answer", "ask", "reply", "note"), its number, its
//            arguments
//   body     bytes as they are: settings, checkpoints, messages of hearback.v1
//
// docs/worker-protocol.md lists the frames. A frame that breaks these rules ends the conversation.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace hearback::frames {

inline constexpr std::size_t kHeadMax = 64 << 10;
inline constexpr std::size_t kBodyMax = (16 << 20) + (64 << 10);

struct Frame {
    nlohmann::json head; // an object
    std::string body;
};

// One end. receive() on one thread at a time; send() from any.
class FrameSocket {
  public:
    // Owns the descriptor.
    explicit FrameSocket(int fd) : fd_(fd) {}
    ~FrameSocket();
    FrameSocket(const FrameSocket&) = delete;
    FrameSocket& operator=(const FrameSocket&) = delete;

    // The next frame. Cancelled at the end of the stream, Corrupt for what is no frame.
    base::Result<Frame> receive();
    // TimedOut where the other side takes nothing for so long as setPatience() said.
    base::Result<void> send(const nlohmann::json& head, std::string_view body = {});
    void setPatience(base::Micros patience);
    // Makes a receive() or send() that waits return.
    void shutDown();

  private:
    base::Result<void> read(char* into, std::size_t size);

    int fd_;
    std::mutex sending_;
};

} // namespace hearback::frames
