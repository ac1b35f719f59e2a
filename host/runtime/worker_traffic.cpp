// What is said between the host and a worker: calls and their answers, notes, and what the worker
// asks of the host.
#include "runtime/serve_ask.h"
#include "runtime/worker_process.h"

#include "base/utf8.h"
#include "loader/call_json.h"

#include <algorithm>
#include <csignal>

namespace hearback::runtime {

namespace {

using nlohmann::json;
using pipeline::Answer;

constexpr std::size_t kServantsMax = 4;

Answer deadAnswer(std::string cause) {
    Answer answer;
    answer.verdict = pipeline::Verdict::Internal;
    answer.text = std::move(cause);
    return answer;
}

std::string textIn(const json& head, const char* key) {
    const auto found = head.find(key);
    return found != head.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::uint64_t numberIn(const json& head, const char* key) {
    const auto found = head.find(key);
    return found != head.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

} // namespace

WorkerProcess::Reply WorkerProcess::call(const std::string& instance, json head,
                                         std::string_view body, base::Micros limit) {
    std::unique_lock lock(mutex_);
    if (dead_) return {deadAnswer(cause_), json::object()};
    const std::uint64_t number = next_call_++;
    Pending& pending = pending_[number];
    pending.instance = instance;
    pending.function = head.value("do", "");
    pending.deadline = clock_.steady() + limit;
    const auto tenant = tenants_.find(instance);
    if (tenant != tenants_.end() && pending.function == "start") tenant->second.cancelled = false;
    head["call"] = number;
    head["to"] = instance;
    lock.unlock();
    const auto sent = socket_.send(head, body);
    if (!sent) end(sent.error().message);
    lock.lock();
    while (!pending.done && !dead_) {
        if (!is_read_ && !is_over_) {
            readOne(lock);
            continue;
        }
        ++callers_waiting_;
        changed_.wait(lock);
        --callers_waiting_;
    }
    Reply reply =
        pending.done ? std::move(pending.reply) : Reply{deadAnswer(cause_), json::object()};
    pending_.erase(number);
    return reply;
}

void WorkerProcess::cancel(const std::string& instance) {
    {
        const std::lock_guard lock(mutex_);
        const auto found = tenants_.find(instance);
        if (found != tenants_.end()) found->second.cancelled = true;
    }
    callBack(instance);
}

void WorkerProcess::callBack(const std::string& instance) {
    {
        const std::lock_guard lock(mutex_);
        for (auto& [number, pending] : pending_) {
            if (pending.instance != instance) continue;
            pending.deadline = std::min(pending.deadline, clock_.steady());
            pending.cancelled = true;
        }
    }
    (void)socket_.send({{"note", "cancel"}, {"to", instance}});
}

void WorkerProcess::take(frames::Frame frame) {
    const json& head = frame.head;
    if (head.contains("note")) {
        takeNote(head);
    } else if (head.contains("ask")) {
        takeAsk(std::move(frame));
    } else if (head.contains("answer")) {
        const std::lock_guard lock(mutex_);
        const auto found = pending_.find(numberIn(head, "answer"));
        if (found == pending_.end() || found->second.done) {
            if (killed_for_.empty())
                killed_for_ = "broke the protocol: answered what it was not asked";
            ::kill(child_.pid, SIGKILL);
            return;
        }
        found->second.reply.answer = loader::answerOf(head, std::move(frame.body));
        found->second.reply.head = std::move(frame.head);
        found->second.done = true;
    } else {
        end("broke the protocol: sent a frame of no known kind");
    }
}

void WorkerProcess::takeNote(const json& head) {
    if (notes_.admit(clock_.steady()) == base::WindowLimit::Verdict::Refused) {
        end("sends notes without end");
        return;
    }
    const std::string note = textIn(head, "note");
    if (note == "pong") {
        const std::lock_guard lock(mutex_);
        ponged_at_ = clock_.steady();
        return;
    }
    std::shared_ptr<loader::HostServices> services;
    std::function<void()> wake;
    {
        const std::lock_guard lock(mutex_);
        const auto found = tenants_.find(textIn(head, "to"));
        if (found == tenants_.end()) return;
        services = found->second.services;
        wake = found->second.on_wake;
    }
    const auto value = head.find("value");
    const double number = value != head.end() && value->is_number() ? value->get<double>() : 0;
    if (note == "wake" && wake) wake();
    if (note == "count") services->count(textIn(head, "name"), number);
    if (note == "gauge") services->gauge(textIn(head, "name"), number);
    if (note == "timing")
        services->timing(textIn(head, "name"),
                         static_cast<base::Micros>(std::clamp(number, 0.0, 1e15)));
    if (note == "wake_at" && wake) {
        const auto at = head.find("at_us");
        if (at != head.end() && at->is_number_integer())
            (void)services->wakeAt(at->get<base::Micros>(), wake);
    }
    if (note == "log") {
        const auto level = std::min<std::uint64_t>(numberIn(head, "level"), 3);
        services->log(static_cast<base::LogLevel>(level), textIn(head, "line"));
    }
}

void WorkerProcess::takeAsk(frames::Frame frame) {
    std::unique_lock lock(mutex_);
    if (asks_under_way_ >= limits_.asks_max) {
        lock.unlock();
        end("asks for more at once than the " + std::to_string(limits_.asks_max) +
            " that it has credit for");
        return;
    }
    const auto found = tenants_.find(textIn(frame.head, "to"));
    if (found == tenants_.end()) {
        lock.unlock();
        end("broke the protocol: asks for an instance that it does not have");
        return;
    }
    ++asks_under_way_;
    asks_.push_back(
        {std::move(frame), found->first, found->second.services, isConfiguring(found->first)});
    // A thread more where all are busy.
    if (servants_.size() < kServantsMax && servants_.size() < asks_under_way_)
        servants_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
    lock.unlock();
    changed_.notify_all();
}

bool WorkerProcess::isConfiguring(const std::string& instance) const {
    return std::any_of(pending_.begin(), pending_.end(), [&](const auto& each) {
        const Pending& call = each.second;
        return call.instance == instance && !call.done &&
               (call.function == "create" || call.function == "configure");
    });
}

// Whether nobody waits for what the instance asked: it is gone, or was asked to come back.
bool WorkerProcess::isInVain(const std::string& instance) const {
    const std::lock_guard lock(mutex_);
    if (is_reaped_ || !killed_for_.empty()) return true;
    const auto tenant = tenants_.find(instance);
    if (tenant == tenants_.end() || tenant->second.cancelled) return true;
    return std::any_of(pending_.begin(), pending_.end(), [&](const auto& each) {
        const Pending& call = each.second;
        return call.instance == instance && call.cancelled && !call.done;
    });
}

void WorkerProcess::serve(const std::stop_token& stop) {
    for (;;) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stop.stop_requested() || dead_ || !asks_.empty(); });
        if (stop.stop_requested() || dead_) return;
        const Ask ask = std::move(asks_.front());
        asks_.pop_front();
        lock.unlock();
        const auto refusal = ask.is_early ? refusalOfEarlyAsk(ask.frame) : std::nullopt;
        const frames::Frame reply = refusal ? *refusal
                                            : serveAsk(ask.frame, *ask.services, speaks_json_,
                                                       [&] { return isInVain(ask.instance); });
        const auto sent = socket_.send(reply.head, reply.body);
        // Somebody waits for a reply in any case.
        if (!sent && sent.error().code == base::Code::Full)
            (void)socket_.send({{"reply", reply.head["reply"]},
                                {"error", static_cast<int>(base::Code::Full)},
                                {"text", sent.error().message}});
        lock.lock();
        --asks_under_way_;
    }
}

} // namespace hearback::runtime
