#include "loader/instance.h"

#include "base/log.h"
#include "base/utf8.h"
#include "loader/host_tables.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <thread>

namespace hearback::loader {

namespace {

using pipeline::Answer;
using pipeline::Verdict;

constexpr base::Micros kConfigureMax = 5 * base::kSecond;
constexpr base::Micros kCheckMax = 30 * base::kSecond;
constexpr base::Micros kStartMax = 30 * base::kSecond;
constexpr base::Micros kStopMax = 5 * base::kSecond;
constexpr std::int64_t kFlushMaxMs = 10000;
constexpr std::size_t kReportMax = 64 << 10;
constexpr std::size_t kResultMax = 16 << 20;
constexpr std::size_t kErrorTextMax = 2048;

std::atomic<int> left_behind{0};

// Where a plugin's result is taken, up to a limit.
struct OutBuffer {
    std::string bytes;
    std::size_t max = 0;

    bool hasRoom(std::uint64_t size) const { return size <= max - bytes.size(); }

    static hb_status write(void* self, const void* data, std::uint64_t size) {
        auto& buffer = *static_cast<OutBuffer*>(self);
        if (!buffer.hasRoom(size)) return HB_LIMIT;
        buffer.bytes.append(static_cast<const char*>(data), size);
        return HB_OK;
    }
    static void* reserve(void* self, std::uint64_t size) {
        auto& buffer = *static_cast<OutBuffer*>(self);
        if (!buffer.hasRoom(size)) return nullptr;
        buffer.bytes.resize(buffer.bytes.size() + size);
        return buffer.bytes.data() + buffer.bytes.size() - size;
    }
};

Verdict toVerdict(hb_status status) {
    return status >= HB_OK && status <= HB_LIMIT ? static_cast<Verdict>(status) : Verdict::Internal;
}

bool needsNoText(hb_status status) {
    return status == HB_OK || status == HB_AGAIN || status == HB_END;
}

Answer failure(Verdict verdict, std::string text) {
    Answer answer;
    answer.verdict = verdict;
    answer.text = std::move(text);
    return answer;
}

hb_bytes toBytes(std::string_view bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

// What the plugin's detail says about where: "/columns must be ...".
std::string pathOf(const std::string& detail_json) {
    const auto detail = nlohmann::json::parse(detail_json, nullptr, false);
    const bool has = detail.is_object() && detail.contains("path") && detail["path"].is_string();
    return has ? detail["path"].get<std::string>() + " " : std::string();
}

} // namespace

const char* nameOf(Method method) {
    switch (method) {
    case Method::Configure: return "configure";
    case Method::Check: return "check";
    case Method::Start: return "start";
    case Method::Stop: return "stop";
    case Method::Labels: return "labels";
    case Method::Poll: return "poll";
    case Method::Ack: return "ack";
    case Method::Decode: return "decode";
    case Method::Receive: return "receive";
    case Method::Classify: return "classify";
    case Method::Write: return "write";
    case Method::Capabilities: return "capabilities";
    case Method::Act: return "act";
    }
    return "unknown";
}

base::Result<std::shared_ptr<Instance>>
Instance::create(std::shared_ptr<Library> library, const PluginManifest& manifest, std::string name,
                 std::unique_ptr<HostServices> services, base::Clock& clock) {
    std::shared_ptr<Instance> instance(
        new Instance(std::move(library), manifest, std::move(name), std::move(services), clock),
        letGo);
    const hb_text id{manifest.id.data(), manifest.id.size()};
    Instance& self = *instance;
    const Answer made = self.enter(Role::Control, "create", 0, [&](hb_instance*, const hb_writer*) {
        return self.library_->entry().create(&self.host_, id, &self.table_, &self.instance_);
    });
    const bool whole = self.table_ != nullptr && self.instance_ != nullptr &&
                       self.table_->struct_size >= sizeof(hb_instance_table) &&
                       self.table_->configure != nullptr && self.table_->start != nullptr &&
                       self.table_->stop != nullptr && self.table_->destroy != nullptr &&
                       self.table_->get_extension != nullptr;
    if (!made.isOk() || !whole) {
        if (!whole) self.instance_ = nullptr;
        return base::Error{base::Code::Internal,
                           "plugin " + self.library_->path().string() +
                               (made.isOk() ? " gives an instance without a whole table"
                                            : " makes no instance: " + made.text)};
    }
    self.findTables();
    return instance;
}

Instance::Instance(std::shared_ptr<Library> library, const PluginManifest& manifest,
                   std::string name, std::unique_ptr<HostServices> services, base::Clock& clock)
    : library_(std::move(library)), manifest_(manifest), name_(std::move(name)),
      services_(std::move(services)), clock_(clock), host_(hostTable(*this)),
      gate_(manifest_.max_concurrency) {}

// A destroy() that does not return keeps what it may still use, and nobody else.
void Instance::letGo(Instance* self) {
    auto destroyed = std::make_shared<std::promise<void>>();
    const std::future<void> done = destroyed->get_future();
    std::thread([self, destroyed] {
        self->destroy();
        destroyed->set_value();
    }).detach();
    if (done.wait_for(std::chrono::microseconds(kStopMax)) == std::future_status::ready) {
        delete self;
        return;
    }
    ++left_behind;
    base::logError("runtime", "plugin hangs; it is left behind until the host is restarted",
                   {{"instance", self->name_}, {"function", "destroy"}});
}

int Instance::leftBehind() { return left_behind; }

void Instance::destroy() {
    if (instance_ == nullptr) return;
    (void)enter(Role::Control, "destroy", 0, [&](hb_instance* instance, const hb_writer*) {
        table_->destroy(instance);
        return HB_OK;
    });
}

// The tables that the plugin offers and that are as long as this host's.
void Instance::findTables() {
    const auto find = [&]<class Table>(const Table*& into, std::string_view id) {
        const auto* table =
            static_cast<const Table*>(table_->get_extension(instance_, {id.data(), id.size()}));
        if (table != nullptr && table->struct_size >= sizeof(Table)) into = table;
    };
    find(source_, HB_EXT_SOURCE_1);
    find(classifier_, HB_EXT_CLASSIFIER_1);
    find(sink_, HB_EXT_SINK_1);
    find(actions_, HB_EXT_ACTIONS_1);
}

bool Instance::can(Method method) const {
    switch (method) {
    case Method::Configure:
    case Method::Start:
    case Method::Stop: return true;
    case Method::Check: return table_->check != nullptr;
    case Method::Poll: return source_ != nullptr && source_->poll != nullptr;
    case Method::Ack: return source_ != nullptr && source_->ack != nullptr;
    case Method::Decode: return source_ != nullptr && source_->decode != nullptr;
    case Method::Receive: return source_ != nullptr;
    case Method::Labels: return classifier_ != nullptr && classifier_->labels != nullptr;
    case Method::Classify: return classifier_ != nullptr && classifier_->classify != nullptr;
    case Method::Write: return sink_ != nullptr && sink_->write != nullptr;
    case Method::Capabilities: return actions_ != nullptr && actions_->capabilities != nullptr;
    case Method::Act: return actions_ != nullptr && actions_->act != nullptr;
    }
    return false;
}

Answer Instance::run(const Call& call) {
    if (!can(call.method))
        return failure(Verdict::Unsupported, "the plugin \"" + manifest_.id + "\" has no " +
                                                 std::string(nameOf(call.method)));
    if (state_ == State::Failed) return failure(Verdict::Internal, "the instance has failed");
    switch (call.method) {
    case Method::Configure: return configure(call.bytes);
    case Method::Check: return check();
    case Method::Start: return start(call);
    case Method::Stop: return stop();
    case Method::Labels:
        return control(call.method, kConfigureMax,
                       [this](hb_instance* plugin, const hb_writer* out) {
                           return classifier_->labels(plugin, out);
                       });
    case Method::Poll:
        return data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
            return source_->poll(plugin, call.limits.batch_id, call.limits.max_items,
                                 call.limits.max_bytes, call.limits.timeout_ms, out);
        });
    case Method::Ack:
        return data(call.method, 0, [&](hb_instance* plugin, const hb_writer*) {
            return source_->ack(plugin, call.batch_id,
                                call.stored ? HB_VERDICT_STORED : HB_VERDICT_REJECTED);
        });
    case Method::Decode:
        return data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
            return source_->decode(plugin, toBytes(call.bytes), out);
        });
    case Method::Receive: return receive(call);
    case Method::Classify:
        return data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
            return classifier_->classify(plugin, toBytes(call.bytes), out);
        });
    case Method::Write: return write(call);
    case Method::Capabilities:
        return data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
            return actions_->capabilities(plugin, toBytes(call.bytes), out);
        });
    case Method::Act:
        return data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
            return actions_->act(plugin, toBytes(call.bytes), out);
        });
    }
    return failure(Verdict::Unsupported, "no such method");
}

Answer Instance::enter(Role role, const char* function, std::size_t max_bytes, const Run& run) {
    CallContext context;
    context.instance = this;
    context.role = role;
    context.function = function;
    OutBuffer buffer;
    buffer.max = max_bytes;
    const hb_writer writer{sizeof(hb_writer), 0, &buffer, OutBuffer::write, OutBuffer::reserve};
    hb_status status = HB_INTERNAL;
    try {
        const CallScope scope(context);
        status = run(instance_, &writer);
    } catch (...) {
        context.error = std::string("an exception came out of ") + function;
    }
    Answer answer;
    answer.verdict = toVerdict(status);
    answer.bytes = std::move(buffer.bytes);
    answer.retry_after = context.retry_after;
    if (needsNoText(status)) return answer;
    answer.text = base::printable(context.error, kErrorTextMax);
    if (answer.text.empty())
        answer.text = std::string(function) + " failed with status " + std::to_string(status) +
                      " and said nothing";
    if (answer.verdict == Verdict::Config) answer.text = pathOf(context.error_detail) + answer.text;
    return answer;
}

Answer Instance::data(Method method, std::size_t max_bytes, const Run& run) {
    const Turnstile::Pass pass(gate_);
    return enter(Role::Worker, nameOf(method), max_bytes, run);
}

Answer Instance::control(Method method, base::Micros limit, const Run& run) {
    const Turnstile::Closed alone(gate_, std::chrono::microseconds(limit));
    if (!alone) {
        state_ = State::Failed;
        return failure(Verdict::Internal, std::string("a call did not return within ") +
                                              std::to_string(limit / base::kSecond) +
                                              " s, so that it cannot " + nameOf(method));
    }
    // The thread owns what it may still use after nobody waits for it any more; where somebody
    // does, it lets go before that one goes on and ends what the instance needs.
    auto result = std::make_shared<std::promise<Answer>>();
    std::future<Answer> done = result->get_future();
    const char* function = nameOf(method);
    std::thread([self = shared_from_this(), result, function, run]() mutable {
        Answer answer = self->enter(Role::Control, function, kReportMax, run);
        self.reset();
        result->set_value(std::move(answer));
    }).detach();
    if (done.wait_for(std::chrono::microseconds(limit)) == std::future_status::ready)
        return done.get();
    state_ = State::Failed;
    base::logError("runtime", "plugin hangs; it is left behind until the host is restarted",
                   {{"instance", name_}, {"function", function}});
    return failure(Verdict::Internal, std::string(function) + " did not return within " +
                                          std::to_string(limit / base::kSecond) + " s");
}

Answer Instance::configure(std::string_view settings) {
    Answer answer =
        control(Method::Configure, kConfigureMax,
                [this, json = std::string(settings)](hb_instance* plugin, const hb_writer*) {
                    return table_->configure(plugin, {json.data(), json.size()});
                });
    if (answer.isOk()) state_ = State::Configured;
    return answer;
}

Answer Instance::check() {
    Answer answer =
        control(Method::Check, kCheckMax, [this](hb_instance* plugin, const hb_writer* out) {
            return table_->check(plugin, out);
        });
    // The report for people.
    if (answer.isOk()) answer.text = base::printable(answer.bytes, kErrorTextMax);
    return answer;
}

Answer Instance::start(const Call& call) {
    {
        const std::lock_guard lock(mutex_);
        routes_.clear();
    }
    cancelled_ = false;
    const std::string checkpoint(call.bytes);
    Answer answer = control(
        Method::Start, kStartMax,
        [this, checkpoint, has_one = call.has_checkpoint](hb_instance* plugin, const hb_writer*) {
            const hb_bytes none{nullptr, 0};
            return table_->start(plugin, has_one ? toBytes(checkpoint) : none);
        });
    if (answer.isOk()) state_ = State::Running;
    return answer;
}

Answer Instance::stop() {
    if (state_ != State::Running) return {};
    {
        const std::lock_guard lock(mutex_);
        routes_.clear();
    }
    Answer answer = control(Method::Stop, kStopMax, [this](hb_instance* plugin, const hb_writer*) {
        return table_->stop(plugin, kStopMax / base::kMillisecond);
    });
    if (state_ != State::Failed) state_ = State::Stopped;
    return answer;
}

Answer Instance::receive(const Call& call) {
    hb_status (*handler)(hb_instance*, hb_bytes, const hb_writer*) = nullptr;
    {
        const std::lock_guard lock(mutex_);
        for (const Route& each : routes_)
            if (each.route.path == call.path) handler = each.handler;
    }
    if (handler == nullptr) return failure(Verdict::Unsupported, "no such route");
    return data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
        return handler(plugin, toBytes(call.bytes), out);
    });
}

// What the sink only took is made durable before the deliveries count as done.
Answer Instance::write(const Call& call) {
    Answer answer = data(call.method, kResultMax, [&](hb_instance* plugin, const hb_writer* out) {
        return sink_->write(plugin, call.batch_id, toBytes(call.bytes), out);
    });
    if (!answer.isOk() || sink_->flush == nullptr) return answer;
    const Turnstile::Pass pass(gate_);
    Answer flushed = enter(Role::Worker, "flush", 0, [&](hb_instance* plugin, const hb_writer*) {
        return sink_->flush(plugin, kFlushMaxMs);
    });
    if (flushed.isOk()) return answer;
    // What write() named is settled; only the rest shares this status.
    flushed.bytes = std::move(answer.bytes);
    return flushed;
}

void Instance::cancel() {
    cancelled_ = true;
    if (state_ != State::Running || table_->cancel == nullptr) return;
    (void)enter(Role::None, "cancel", 0, [&](hb_instance* plugin, const hb_writer*) {
        table_->cancel(plugin);
        return HB_OK;
    });
}

std::vector<pipeline::Route> Instance::routes() const {
    const std::lock_guard lock(mutex_);
    std::vector<pipeline::Route> routes;
    for (const Route& each : routes_) routes.push_back(each.route);
    return routes;
}

void Instance::onWake(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

} // namespace hearback::loader
