#include "integration/load.h"

#include "support/http_client.h"

#include <nlohmann/json.hpp>

#include <deque>
#include <fstream>

namespace hearback::testing {

namespace {

constexpr std::size_t kUnderWayMax = 400;
constexpr int kRowsAtOnce = 10;
constexpr std::size_t kAskedMax = 10000; // a host that is gone answers at once that it is

} // namespace

Arrivals::Arrivals()
    : server_([this](ScriptedServer::Connection& connection) {
          for (std::string request; !(request = connection.request()).empty();) {
              const auto body = nlohmann::json::parse(bodyOf(request));
              const auto& data = body["data"];
              note(headerOf(request, "webhook-id"), data["source"].get<std::string>() + "/" +
                                                        data["external_id"].get<std::string>());
              connection.answer(204, "");
          }
      }) {}

void Arrivals::note(const std::string& key, const std::string& message) {
    {
        const std::lock_guard lock(mutex_);
        const auto [by_key, is_new_key] = by_key_.emplace(key, message);
        const auto [by_message, is_new_message] = by_message_.emplace(message, key);
        if (by_key->second != message || by_message->second != key)
            wrong_ =
                message + " came as " + key + ", " + by_key->second + " as " + by_message->second;
        if (!is_new_key) ++repeats_;
    }
    changed_.notify_all();
}

std::size_t Arrivals::messages() const {
    const std::lock_guard lock(mutex_);
    return by_message_.size();
}

std::size_t Arrivals::repeats() const {
    const std::lock_guard lock(mutex_);
    return repeats_;
}

std::set<std::string> Arrivals::all() const {
    const std::lock_guard lock(mutex_);
    std::set<std::string> all;
    for (const auto& [message, key] : by_message_) all.insert(message);
    return all;
}

std::string Arrivals::wrong() const {
    const std::lock_guard lock(mutex_);
    return wrong_;
}

bool Arrivals::waitFor(std::size_t count, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return by_message_.size() >= count; });
}

Load::Load(const Arrivals& arrivals, std::vector<std::string> files,
           std::vector<std::uint16_t> intake_ports)
    : arrivals_(arrivals), files_(std::move(files)), ports_(std::move(intake_ports)) {
    for (const std::string& file : files_) std::ofstream(file, std::ios::app).flush();
}

void Load::start() {
    threads_.emplace_back([this](const std::stop_token& stop) { writeRows(stop); });
    for (std::size_t host = 0; host < ports_.size(); ++host)
        threads_.emplace_back(
            [this, host](const std::stop_token& stop) { sendRequests(host, stop); });
}

void Load::stop() {
    for (std::jthread& thread : threads_) thread.request_stop();
    threads_.clear();
}

std::set<std::string> Load::fed() const {
    const std::lock_guard lock(mutex_);
    return fed_;
}

void Load::noteFed(const std::string& message) {
    const std::lock_guard lock(mutex_);
    fed_.insert(message);
}

bool Load::mayFeed(const std::stop_token& stop) const {
    while (!stop.stop_requested()) {
        std::size_t fed = 0;
        {
            const std::lock_guard lock(mutex_);
            fed = fed_.size();
        }
        if (fed <= kUnderWayMax) return true;
        if (arrivals_.waitFor(fed - kUnderWayMax, std::chrono::milliseconds(100))) return true;
    }
    return false;
}

void Load::writeRows(const std::stop_token& stop) {
    int number = 0;
    while (mayFeed(stop)) {
        for (std::size_t i = 0; i < files_.size(); ++i) {
            std::string rows;
            for (int n = number; n < number + kRowsAtOnce; ++n) {
                rows += R"({"id": ")" + std::to_string(n) + R"(", "text": "lamp )" +
                        std::to_string(n) + " of shop " + std::to_string(i) + " hums\"}\n";
                noteFed("file" + std::to_string(i) + "/" + std::to_string(n));
            }
            std::ofstream(files_[i], std::ios::app) << rows << std::flush;
        }
        number += kRowsAtOnce;
    }
}

// As a load balancer does: where a host has not taken it, the next one is asked.
void Load::sendRequests(std::size_t host, const std::stop_token& stop) {
    std::deque<HttpClient> clients;
    for (std::size_t i = 0; i < ports_.size(); ++i)
        clients.emplace_back("127.0.0.1", ports_[(host + i) % ports_.size()]);
    for (int number = 0; mayFeed(stop); ++number) {
        const std::string id = std::to_string(host) + "-" + std::to_string(number);
        const std::string body = nlohmann::json{{"id", id}, {"text", "a lamp hums"}}.dump();
        noteFed("hook/" + id);
        for (std::size_t asked = 0; asked < kAskedMax; ++asked)
            if (clients[asked % clients.size()].post("/in/hook", body).status == 204) break;
    }
}

} // namespace hearback::testing
