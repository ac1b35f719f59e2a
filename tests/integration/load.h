// Sources under load, and a receiver that notes what arrives. What is fed is bounded by what has
// arrived, so that neither side runs away from the other however slow the machine is.
#pragma once

#include "support/scripted_server.h"
#include "support/temp_folder.h"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hearback::testing {

// Messages by "source/external id".
class Arrivals {
  public:
    Arrivals();

    std::string url() const { return server_.url(); }
    std::size_t messages() const;
    // Requests that brought what had arrived before.
    std::size_t repeats() const;
    std::set<std::string> all() const;
    // A key that named two messages, or a message that came under two keys; empty where all is as
    // it should be.
    std::string wrong() const;
    // False where `count` have not arrived within this time.
    bool waitFor(std::size_t count, std::chrono::milliseconds patience) const;

  private:
    void note(const std::string& key, const std::string& message);

    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::map<std::string, std::string> by_key_;
    std::map<std::string, std::string> by_message_;
    std::size_t repeats_ = 0;
    std::string wrong_;
    ScriptedServer server_; // last: it ends before what it writes into
};

// Rows for files that are followed, and requests to hosts, each until one of them has taken it.
class Load {
  public:
    Load(const Arrivals& arrivals, std::vector<std::string> files,
         std::vector<std::uint16_t> intake_ports);

    void start();
    // Ends when what was begun is taken by a host.
    void stop();
    // What was put in, as Arrivals::all() names it: sources file0, file1, ... and hook.
    std::set<std::string> fed() const;

  private:
    // Waits for the next one's turn; false when there is none any more.
    bool mayFeed(const std::stop_token& stop) const;
    void writeRows(const std::stop_token& stop);
    void sendRequests(std::size_t host, const std::stop_token& stop);
    void noteFed(const std::string& message);

    const Arrivals& arrivals_;
    const std::vector<std::string> files_;
    const std::vector<std::uint16_t> ports_;
    mutable std::mutex mutex_;
    std::set<std::string> fed_;
    std::vector<std::jthread> threads_;
};

} // namespace hearback::testing
