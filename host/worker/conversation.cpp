#include "worker/conversation.h"

namespace hearback::worker {

frames::Frame Conversation::ask(const std::string& instance, const char* what, nlohmann::json head,
                                std::string_view body) {
    std::unique_lock lock(mutex_);
    const std::uint64_t number = next_++;
    head["ask"] = number;
    head["to"] = instance;
    head["do"] = what;
    waiting_[number];
    lock.unlock();
    send(head, body);
    lock.lock();
    replied_.wait(lock, [&] { return waiting_[number].has_value(); });
    frames::Frame frame = std::move(*waiting_[number]);
    waiting_.erase(number);
    return frame;
}

void Conversation::reply(frames::Frame frame) {
    const auto number = frame.head.value("reply", std::uint64_t{0});
    const std::lock_guard lock(mutex_);
    const auto found = waiting_.find(number);
    if (found == waiting_.end()) return;
    found->second = std::move(frame);
    replied_.notify_all();
}

} // namespace hearback::worker
