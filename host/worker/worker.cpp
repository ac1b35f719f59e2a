#include "worker/worker.h"

#include "loader/call_json.h"
#include "worker/remote_services.h"

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace hearback::worker {

namespace {

using loader::Call;
using loader::Method;
using nlohmann::json;
using pipeline::Answer;
using pipeline::Verdict;

Answer failure(Verdict verdict, std::string text) {
    Answer answer;
    answer.verdict = verdict;
    answer.text = std::move(text);
    return answer;
}

// What the host wants to know of an instance before it calls it.
json abilitiesOf(const loader::Instance& instance) {
    json names = json::array();
    for (const Method method :
         {Method::Check, Method::Labels, Method::Poll, Method::Ack, Method::Decode, Method::Receive,
          Method::Classify, Method::Write, Method::Capabilities, Method::Act})
        if (instance.can(method)) names.push_back(loader::nameOf(method));
    return names;
}

} // namespace

Worker::Worker(frames::FrameSocket& socket, std::shared_ptr<loader::Library> library,
               loader::LibraryManifest manifest)
    : socket_(socket), host_(socket), library_(std::move(library)), manifest_(std::move(manifest)) {
}

void Worker::run() { takeTurns(); }

void Worker::takeTurns() {
    for (;;) {
        ++waiting_;
        std::unique_lock reading(reading_);
        --waiting_;
        const Lane::Work work = read();
        if (waiting_ == 0) beginAnother();
        reading.unlock();
        work();
    }
}

// Another one has to read while the plugin works. Where the system gives no thread, what comes
// waits until the plugin is done.
void Worker::beginAnother() {
    try {
        std::thread([this] { takeTurns(); }).detach();
    } catch (const std::system_error&) {
    }
}

// Reads until there is something to do that runs the plugin's code.
Lane::Work Worker::read() {
    for (;;) {
        auto frame = socket_.receive();
        if (!frame) {
            // Nothing of a plugin's may keep the process: threads, exit handlers.
            std::fflush(nullptr);
            ::_exit(0);
        }
        Lane::Work work;
        if (frame->head.contains("reply"))
            host_.reply(std::move(*frame));
        else if (frame->head.contains("note"))
            note(frame->head);
        else if (frame->head.contains("call"))
            work = call(std::move(*frame));
        if (work) return work;
    }
}

void Worker::note(const json& head) {
    const std::string what = head.value("note", "");
    if (what == "ping") host_.send({{"note", "pong"}});
    const auto found = served_.find(head.value("to", ""));
    if (found == served_.end()) return;
    if (what == "destroy") {
        // Waits for what is under way, and runs the plugin's code: not on this thread either.
        std::thread([gone = std::move(found->second)] {}).detach();
        served_.erase(found);
        return;
    }
    if (what != "cancel") return;
    const std::lock_guard lock(found->second->mutex);
    // Not on this thread: a cancel() that hangs must not stop the heartbeat.
    if (auto instance = found->second->instance)
        std::thread([instance] { instance->cancel(); }).detach();
}

void Worker::answer(std::uint64_t number, const Answer& given, json more) {
    more.update(loader::toJson(given));
    more["answer"] = number;
    host_.send(more, given.bytes);
}

// The work where this thread is to do it; none where another one will, or nobody.
Lane::Work Worker::in(const std::shared_ptr<Served>& served, std::uint64_t number,
                      Lane::Work work) {
    switch (served->lane.enter(work)) {
    case Lane::Turn::Now:
        return [served, work = std::move(work)] {
            work();
            served->lane.leave();
        };
    case Lane::Turn::Later: break;
    case Lane::Turn::Refused: answer(number, failure(Verdict::Unavailable, "too many calls wait"));
    }
    return {};
}

Lane::Work Worker::call(frames::Frame frame) {
    const auto number = frame.head.value("call", std::uint64_t{0});
    const std::string name = frame.head.value("to", "");
    if (frame.head.value("do", "") == "create")
        return create(number, name, frame.head.value("plugin", ""));
    const auto found = served_.find(name);
    if (found == served_.end()) {
        answer(number, failure(Verdict::Internal, "there is no instance " + name));
        return {};
    }
    return in(found->second, number,
              [this, number, served = found->second,
               held = std::make_shared<frames::Frame>(std::move(frame))] {
                  const auto wanted = loader::callOf(held->head, held->body);
                  if (!wanted || !served->instance) {
                      answer(number, failure(Verdict::Unsupported, "there is no such function"));
                      return;
                  }
                  const Answer given = served->instance->run(*wanted);
                  json more = json::object();
                  if (wanted->method == Method::Start)
                      more["routes"] = loader::toJson(served->instance->routes());
                  answer(number, given, std::move(more));
              });
}

Lane::Work Worker::create(std::uint64_t number, const std::string& name,
                          const std::string& plugin) {
    const auto& plugins = manifest_.plugins;
    const auto manifest = std::find_if(plugins.begin(), plugins.end(),
                                       [&](const auto& each) { return each.id == plugin; });
    if (manifest == plugins.end() || served_.contains(name)) {
        answer(number, failure(Verdict::Unsupported, "cannot make " + name + " of " + plugin));
        return {};
    }
    const auto served =
        std::make_shared<Served>(static_cast<std::size_t>(manifest->max_concurrency));
    served_[name] = served;
    return in(served, number,
              [this, number, name, manifest, served] { make(number, name, *manifest, *served); });
}

void Worker::make(std::uint64_t number, const std::string& name,
                  const loader::PluginManifest& manifest, Served& served) {
    auto made = loader::Instance::create(library_, manifest, name,
                                         std::make_unique<RemoteServices>(host_, name), clock_);
    if (!made) {
        answer(number, failure(Verdict::Internal, made.error().message));
        return;
    }
    (*made)->onWake([this, name] { host_.send({{"note", "wake"}, {"to", name}}); });
    const json abilities = abilitiesOf(**made);
    {
        const std::lock_guard lock(served.mutex);
        served.instance = std::move(*made);
    }
    answer(number, Answer(), {{"can", abilities}});
}

} // namespace hearback::worker
