// The worker's end of the socket: sends calls' answers and notes, asks the host and waits for its
// reply. Any thread; one thread reads (worker.h) and hands replies in.
#pragma once

#include "frames/frame_socket.h"

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace hearback::worker {

class Conversation {
  public:
    explicit Conversation(frames::FrameSocket& socket) : socket_(socket) {}

    // Where the host is gone there is nobody to tell: the reading thread ends the process.
    void send(const nlohmann::json& head, std::string_view body = {}) {
        (void)socket_.send(head, body);
    }
    // Sends {"ask": N, "to": instance, "do": what, ...} and waits for {"reply": N, ...}.
    frames::Frame ask(const std::string& instance, const char* what, nlohmann::json head,
                      std::string_view body = {});
    void reply(frames::Frame frame);

  private:
    frames::FrameSocket& socket_;
    std::mutex mutex_;
    std::condition_variable replied_;
    std::uint64_t next_ = 1;
    std::map<std::uint64_t, std::optional<frames::Frame>> waiting_;
};

} // namespace hearback::worker
