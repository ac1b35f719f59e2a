#include "runtime/worker_instance.h"

#include "base/log.h"
#include "loader/call_json.h"
#include "runtime/json_bodies.h"

#include <algorithm>

namespace hearback::runtime {

namespace {

using loader::Call;
using loader::Method;
using nlohmann::json;
using pipeline::Answer;
using pipeline::Verdict;

constexpr base::Micros kFirstWait = 200 * base::kMillisecond;
constexpr base::Micros kLongestWait = 30 * base::kSecond;
// A process that lived so long has not failed at its start.
constexpr base::Micros kSettled = base::kMinute;
constexpr base::Micros kLookAgain = 5 * base::kSecond;

Answer failure(Verdict verdict, std::string text, base::Micros retry_after = 0) {
    Answer answer;
    answer.verdict = verdict;
    answer.text = std::move(text);
    answer.retry_after = retry_after;
    return answer;
}

// How long a call may take before the worker is ended. A host service may take five minutes.
base::Micros limitOf(const Call& call) {
    switch (call.method) {
    case Method::Configure:
    case Method::Labels:
    case Method::Stop: return 5 * base::kSecond;
    case Method::Check:
    case Method::Start:
    case Method::Ack:
    case Method::Decode: return 30 * base::kSecond;
    case Method::Receive:
    case Method::Classify: return base::kMinute;
    case Method::Poll: return call.limits.timeout_ms * base::kMillisecond + 5 * base::kMinute;
    case Method::Write:
    case Method::Act: return 4 * base::kMinute; // less than a delivery's lease
    case Method::Capabilities: return 30 * base::kSecond;
    }
    return base::kMinute;
}

// Methods that the plugin serves only while it runs.
bool needsStart(Method method) {
    return method == Method::Poll || method == Method::Ack || method == Method::Receive ||
           method == Method::Classify || method == Method::Write ||
           method == Method::Capabilities || method == Method::Act;
}

// Sources are started by their runner, which knows the checkpoint; nobody starts these again.
bool startsByItself(const loader::PluginManifest& manifest) { return manifest.kind != "channel"; }

} // namespace

WorkerInstance::WorkerInstance(loader::PluginManifest manifest, std::string name,
                               WorkerInstanceServices services)
    : manifest_(std::move(manifest)), name_(std::move(name)), key_(manifest_.kind + "/" + name_),
      services_(std::move(services)), backoff_(services_.random, kFirstWait, kLongestWait),
      link_(std::make_shared<Link>()) {
    link_->to = this;
}

WorkerInstance::~WorkerInstance() {
    {
        const std::lock_guard lock(link_->mutex);
        link_->to = nullptr;
    }
    std::shared_ptr<WorkerProcess> process;
    {
        const std::lock_guard lock(mutex_);
        process = std::move(process_);
    }
    if (process) process->dismiss(key_);
}

bool WorkerInstance::can(Method method) const {
    if (method == Method::Configure || method == Method::Start || method == Method::Stop)
        return true;
    const std::lock_guard lock(mutex_);
    return abilities_.contains(method);
}

Answer WorkerInstance::run(const Call& call) {
    if (call.method == Method::Configure) {
        const std::lock_guard lock(mutex_);
        settings_ = call.bytes;
        is_configured_ = true;
    }
    std::shared_ptr<WorkerProcess> process;
    Answer prepared = ready(call.method, process);
    if (!prepared.isOk() || process == nullptr) return prepared;
    // A process that was just made is configured already.
    if (call.method == Method::Configure) return prepared;
    if (call.method == Method::Start) return start(call, *process);
    Answer answer = callIn(call, *process);
    if (call.method == Method::Stop) {
        const std::lock_guard lock(mutex_);
        started_in_ = nullptr;
        routes_.clear();
    }
    if (call.method == Method::Check && answer.isOk()) answer.text = answer.bytes;
    return answer;
}

Answer WorkerInstance::callIn(const Call& call, WorkerProcess& process) {
    if (!process.speaksJson())
        return process.call(key_, loader::toJson(call), call.bytes, limitOf(call)).answer;
    const auto request = requestToJson(call.method, call.bytes);
    if (!request) return failure(Verdict::Internal, request.error().message);
    Answer answer = process.call(key_, loader::toJson(call), *request, limitOf(call)).answer;
    auto result = resultFromJson(call.method, answer.bytes);
    if (!result) return failure(Verdict::Internal, result.error().message);
    answer.bytes = std::move(*result);
    return answer;
}

// Finds or makes the process that the call goes to; none where there is nothing to do.
Answer WorkerInstance::ready(Method method, std::shared_ptr<WorkerProcess>& process) {
    const std::lock_guard lock(reviving_);
    bool was_started = false;
    {
        const std::lock_guard inner(mutex_);
        process = process_ && process_->isAlive() ? process_ : nullptr;
        was_started = process != nullptr && started_in_ == process.get();
    }
    if (process != nullptr && method != Method::Configure && (was_started || !needsStart(method)))
        return {};
    if (method == Method::Stop) return {};
    if (process == nullptr || method == Method::Configure) {
        if (needsStart(method) && !startsByItself(manifest_)) return health();
        Answer revived = revive();
        if (!revived.isOk()) return revived;
        process = currentProcess();
    }
    if (!needsStart(method)) return {};
    if (!startsByItself(manifest_))
        return failure(Verdict::Unavailable, "the channel is not started");
    return start({.method = Method::Start}, *process);
}

// A process with a configured instance in it.
Answer WorkerInstance::revive() {
    const auto entry = services_.quarantine.find(name_, services_.hash);
    if (entry && entry->quarantined_at != 0)
        return failure(Verdict::Unavailable,
                       "in quarantine after " + std::to_string(entry->crashes) +
                           " crashes, the last one: " + entry->cause +
                           "; `hearback plugin release " + name_ + "` lets it run again",
                       kLookAgain);
    {
        const std::lock_guard lock(mutex_);
        const base::Micros now = services_.clock.steady();
        if (now < next_launch_)
            return failure(Verdict::Unavailable, "its worker is started again in a moment",
                           next_launch_ - now);
        next_launch_ = now + backoff_.next();
    }
    auto launched = services_.launch();
    if (!launched) {
        const base::Error& error = launched.error();
        // Died before it could say hello: its own fault, unlike a system without processes.
        if (error.code == base::Code::Internal) mourn(error.message);
        const bool is_wrong = error.code == base::Code::Invalid;
        return failure(is_wrong ? Verdict::Config : Verdict::Unavailable, error.message);
    }
    std::shared_ptr<WorkerProcess> process = std::move(*launched);
    const auto to_this = [link = link_](auto&& what) {
        const std::lock_guard lock(link->mutex);
        if (link->to != nullptr) what(*link->to);
    };
    process->admit(key_, {services_.host,
                          [to_this] { to_this([](WorkerInstance& self) { self.wake(); }); },
                          [to_this](const std::string& cause) {
                              to_this([&](WorkerInstance& self) { self.mourn(cause); });
                          }});
    Answer created = createIn(*process);
    if (!created.isOk()) {
        // Its end, where it ended, was noted; what does not come back from configure() counts too.
        if (process->isAlive() && created.verdict != Verdict::Config) mourn(created.text);
        process->dismiss(key_);
        return created;
    }
    {
        const std::lock_guard lock(mutex_);
        process_.swap(process);
        started_in_ = nullptr;
        routes_.clear();
    }
    // The one before ends here, not under the lock: mourn(), which its end calls, takes it too.
    process.reset();
    return created;
}

Answer WorkerInstance::createIn(WorkerProcess& process) {
    const Call configure{.method = Method::Configure};
    const auto made =
        process.call(key_, {{"do", "create"}, {"plugin", manifest_.id}}, {}, limitOf(configure));
    if (!made.answer.isOk()) return made.answer;
    std::string settings;
    bool is_configured = false;
    {
        const std::lock_guard lock(mutex_);
        abilities_.clear();
        for (const json& name : made.head.value("can", json::array()))
            if (const auto method =
                    name.is_string() ? loader::methodOf(name.get<std::string>()) : std::nullopt)
                abilities_.insert(*method);
        settings = settings_;
        is_configured = is_configured_;
    }
    if (!is_configured) return made.answer;
    return process.call(key_, loader::toJson(configure), settings, limitOf(configure)).answer;
}

Answer WorkerInstance::start(const Call& call, WorkerProcess& process) {
    const auto reply = process.call(key_, loader::toJson(call), call.bytes, limitOf(call));
    if (!reply.answer.isOk()) return reply.answer;
    const std::lock_guard lock(mutex_);
    started_in_ = &process;
    routes_ = loader::routesOf(reply.head.value("routes", json::array()));
    return reply.answer;
}

Answer WorkerInstance::health() const {
    const std::lock_guard lock(mutex_);
    if (process_ && process_->isAlive()) return {};
    return failure(Verdict::Internal, process_ ? process_->cause() : last_cause_);
}

// On a thread of the process: it must not be let go here.
void WorkerInstance::mourn(const std::string& cause) {
    const bool is_last = services_.quarantine.note(name_, manifest_.id, services_.hash, cause);
    base::logError("runtime",
                   is_last ? "plugin crashes again and again: it is put into quarantine"
                           : "plugin failed; its worker is started again",
                   {{"instance", name_}, {"plugin", manifest_.id}, {"cause", cause}});
    {
        const std::lock_guard lock(mutex_);
        const base::Micros now = services_.clock.steady();
        if (process_ && now - process_->startedAt() > kSettled) backoff_.reset();
        last_cause_ = cause;
        next_launch_ = now + backoff_.next();
    }
    wake();
}

void WorkerInstance::wake() const {
    std::function<void()> call;
    {
        const std::lock_guard lock(mutex_);
        call = wake_;
    }
    if (call) call();
}

void WorkerInstance::cancel() {
    if (const auto process = currentProcess(); process && process->isAlive()) process->cancel(key_);
}

std::shared_ptr<WorkerProcess> WorkerInstance::currentProcess() const {
    const std::lock_guard lock(mutex_);
    return process_;
}

std::vector<pipeline::Route> WorkerInstance::routes() const {
    const std::lock_guard lock(mutex_);
    if (!process_ || !process_->isAlive()) return {};
    return routes_;
}

void WorkerInstance::onWake(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

} // namespace hearback::runtime
