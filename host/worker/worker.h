// A worker: serves the instances of one plugin library to the host over frames.
//
// Its threads take turns: one reads; when it has read a call it lets another one read and runs the
// call itself, so that a call is not handed from thread to thread. There is always one that reads,
// and answers the host's heartbeat, whatever the plugin does.
#pragma once

#include "loader/instance.h"
#include "worker/conversation.h"
#include "worker/lane.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>

namespace hearback::worker {

class Worker {
  public:
    Worker(frames::FrameSocket& socket, std::shared_ptr<loader::Library> library,
           loader::LibraryManifest manifest);

    // Until the host ends the conversation; then the process ends, wherever its threads are.
    [[noreturn]] void run();

  private:
    // An instance comes to be in its own lane: the plugin's code must not run on the thread that
    // reads.
    struct Served {
        explicit Served(std::size_t at_once) : lane(at_once) {}
        std::mutex mutex;
        std::shared_ptr<loader::Instance> instance;
        Lane lane;
    };

    [[noreturn]] void takeTurns();
    void beginAnother();
    Lane::Work read();
    Lane::Work call(frames::Frame frame);
    Lane::Work create(std::uint64_t number, const std::string& name, const std::string& plugin);
    Lane::Work in(const std::shared_ptr<Served>& served, std::uint64_t number, Lane::Work work);
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
    std::mutex reading_; // held by the thread that reads
    std::map<std::string, std::shared_ptr<Served>> served_;
    std::atomic<int> waiting_{0}; // threads that would read
};

} // namespace hearback::worker
