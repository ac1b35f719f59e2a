#include "http/connection_guard.h"

#include <algorithm>
#include <limits>

namespace hearback::http {

namespace {

constexpr base::Micros kLookEvery = 250 * base::kMillisecond;
// Addresses whose rate is remembered; more than this are an attack from many.
constexpr std::size_t kBucketsMax = 10000;

} // namespace

ConnectionGuard::ConnectionGuard(base::Clock& clock, const GuardLimits& limits)
    : clock_(clock), limits_(limits), rest_(clock),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

ConnectionGuard::~ConnectionGuard() {
    thread_.request_stop();
    rest_.wake();
}

void ConnectionGuard::run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        rest_.wait(kLookEvery, stop);
        cutLate();
    }
}

base::Micros ConnectionGuard::deadlineOf(Phase phase) const {
    switch (phase) {
    case Phase::Header: return clock_.steady() + limits_.header_timeout;
    case Phase::Body: return clock_.steady() + limits_.body_timeout;
    case Phase::Answer: return std::numeric_limits<base::Micros>::max();
    // The header of the next request is read while the connection counts as idle.
    case Phase::Idle: return clock_.steady() + limits_.idle_timeout + limits_.header_timeout;
    }
    return 0;
}

bool ConnectionGuard::enter(int id, const std::string& address, std::function<void()> cut) {
    const std::lock_guard lock(mutex_);
    std::int64_t& count = per_address_[address];
    if (count >= limits_.connections_per_address) return false;
    ++count;
    connections_[id] = {address, std::move(cut), Phase::Header, deadlineOf(Phase::Header)};
    return true;
}

void ConnectionGuard::leave(int id) {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    const auto count = per_address_.find(found->second.address);
    if (--count->second == 0) per_address_.erase(count);
    connections_.erase(found);
}

void ConnectionGuard::setPhase(int id, Phase phase) {
    const std::lock_guard lock(mutex_);
    const auto found = connections_.find(id);
    if (found == connections_.end()) return;
    found->second.phase = phase;
    found->second.deadline = deadlineOf(phase);
}

// A bucket that holds a minute's requests and fills up evenly.
bool ConnectionGuard::admit(const std::string& address) {
    if (limits_.requests_per_minute == 0) return true;
    const auto size = static_cast<double>(limits_.requests_per_minute);
    const base::Micros now = clock_.steady();
    const std::lock_guard lock(mutex_);
    if (buckets_.size() >= kBucketsMax && !buckets_.contains(address)) buckets_.clear();
    const auto [found, fresh] = buckets_.try_emplace(address, Bucket{size, now});
    Bucket& bucket = found->second;
    const auto passed = static_cast<double>(now - bucket.filled_at);
    bucket.tokens =
        std::min(size, bucket.tokens + passed * size / static_cast<double>(base::kMinute));
    bucket.filled_at = now;
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
}

void ConnectionGuard::cutIdle() {
    const std::lock_guard lock(mutex_);
    for (auto& [id, connection] : connections_)
        if (connection.phase != Phase::Answer) connection.cut();
}

void ConnectionGuard::cutLate() {
    const base::Micros now = clock_.steady();
    const std::lock_guard lock(mutex_);
    for (auto& [id, connection] : connections_)
        if (connection.deadline < now) connection.cut();
}

} // namespace hearback::http
