// A worker: loads one plugin library and serves its instances to the host over frames. One thread
// reads and answers the host's heartbeat, whatever the plugin does; calls run in lanes.
#pragma once

#include "loader/instance.h"
#include "worker/conversation.h"
#include "worker/lane.h"

#include <map>
#include <memory>
#include <string>

namespace hearback::worker {

class Worker {
  public:
    Worker(frames::FrameSocket& socket, std::shared_ptr<loader::Library> library,
           loader::LibraryManifest manifest);

    // Until the host ends the conversation.
    void run();

  private:
    // An instance comes to be in its own lane: the plugin's code must not run on the thread that
    // reads.
    struct Served {
        explicit Served(std::size_t threads) : lane(threads) {}
        std::mutex mutex;
        std::shared_ptr<loader::Instance> instance;
        Lane lane;
    };

    void call(frames::Frame frame);
    void create(std::uint64_t number, const std::string& name, const std::string& plugin);
    void make(std::uint64_t number, const std::string& name, const loader::PluginManifest& manifest,
              Served& served);
    void answer(std::uint64_t number, const pipeline::Answer& answer,
                nlohmann::json more = nlohmann::json::object());
    void note(const nlohmann::json& head);

    frames::FrameSocket& socket_;
    Conversation host_;
    std::shared_ptr<loader::Library> library_;
    loader::LibraryManifest manifest_;
    base::SystemClock clock_;
    std::map<std::string, std::unique_ptr<Served>> served_; // of the thread that reads
};

} // namespace hearback::worker
