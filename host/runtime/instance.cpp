#include "runtime/instance.h"

#include "base/log.h"
#include "base/utf8.h"
#include "runtime/host_tables.h"

#include <chrono>
#include <future>
#include <thread>

namespace hearback::runtime {

namespace {

using pipeline::Answer;
using pipeline::Verdict;

constexpr base::Micros kConfigureMax = 5 * base::kSecond;
constexpr base::Micros kCheckMax = 30 * base::kSecond;
constexpr base::Micros kStartMax = 30 * base::kSecond;
constexpr base::Micros kStopMax = 5 * base::kSecond;
constexpr std::size_t kReportMax = 64 << 10;
constexpr std::size_t kErrorTextMax = 2048;

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

} // namespace

base::Result<std::shared_ptr<Instance>>
Instance::create(std::shared_ptr<Library> library, const PluginManifest& manifest, std::string name,
                 std::map<std::string, std::string> secrets, Services& services) {
    std::shared_ptr<Instance> instance(
        new Instance(std::move(library), manifest, std::move(name), std::move(secrets), services));
    const hb_text id{manifest.id.data(), manifest.id.size()};
    Instance& self = *instance;
    const Answer made = self.call(Role::Control, "create", 0, [&](hb_instance*, const hb_writer*) {
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
    return instance;
}

Instance::Instance(std::shared_ptr<Library> library, const PluginManifest& manifest,
                   std::string name, std::map<std::string, std::string> secrets, Services& services)
    : library_(std::move(library)), manifest_(manifest), name_(std::move(name)),
      secrets_(std::move(secrets)), services_(services), host_(hostTable(*this)) {}

Instance::~Instance() {
    if (instance_ == nullptr) return;
    (void)call(Role::Control, "destroy", 0, [&](hb_instance* instance, const hb_writer*) {
        table_->destroy(instance);
        return HB_OK;
    });
}

Answer Instance::call(Role role, const char* function, std::size_t max_bytes,
                      const std::function<hb_status(hb_instance*, const hb_writer*)>& run) {
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
    answer.text = std::string(base::truncateUtf8(base::repairUtf8(context.error), kErrorTextMax));
    if (answer.text.empty())
        answer.text = std::string(function) + " failed with status " + std::to_string(status) +
                      " and said nothing";
    if (!context.error_detail.empty()) {
        const auto detail = nlohmann::json::parse(context.error_detail, nullptr, false);
        if (detail.is_object() && detail.contains("path") && detail["path"].is_string() &&
            answer.verdict == Verdict::Config)
            answer.text = detail["path"].get<std::string>() + " " + answer.text;
    }
    return answer;
}

Answer Instance::control(const char* function, base::Micros limit,
                         const std::function<hb_status(hb_instance*, const hb_writer*)>& run) {
    if (state_ == State::Failed) return failure(Verdict::Internal, "the instance has failed");
    // The thread owns what it may still use after nobody waits for it any more.
    auto result = std::make_shared<std::promise<Answer>>();
    std::future<Answer> done = result->get_future();
    std::thread([self = shared_from_this(), result, function, run] {
        result->set_value(self->call(Role::Control, function, kReportMax, run));
    }).detach();
    if (done.wait_for(std::chrono::microseconds(limit)) == std::future_status::ready)
        return done.get();
    state_ = State::Failed;
    base::logError("runtime", "plugin hangs; it is left behind until the host is restarted",
                   {{"instance", name_}, {"function", function}});
    return failure(Verdict::Internal, std::string(function) + " did not return within " +
                                          std::to_string(limit / base::kSecond) + " s");
}

Answer Instance::configure(const std::string& settings_json) {
    const auto run = [this, settings_json](hb_instance* instance, const hb_writer*) {
        return table_->configure(instance, {settings_json.data(), settings_json.size()});
    };
    Answer answer = control("configure", kConfigureMax, run);
    if (answer.isOk()) state_ = State::Configured;
    return answer;
}

Answer Instance::check() {
    if (table_->check == nullptr) return {};
    const auto run = [this](hb_instance* instance, const hb_writer* out) {
        return table_->check(instance, out);
    };
    Answer answer = control("check", kCheckMax, run);
    if (answer.isOk())
        answer.text =
            std::string(base::truncateUtf8(base::repairUtf8(answer.bytes), kErrorTextMax));
    return answer;
}

Answer Instance::start(const std::optional<std::string>& checkpoint) {
    {
        const std::lock_guard lock(mutex_);
        routes_.clear();
    }
    cancelled_ = false;
    const auto run = [this, checkpoint](hb_instance* instance, const hb_writer*) {
        const hb_bytes bytes =
            checkpoint ? hb_bytes{reinterpret_cast<const std::uint8_t*>(checkpoint->data()),
                                  checkpoint->size()}
                       : hb_bytes{nullptr, 0};
        return table_->start(instance, bytes);
    };
    Answer answer = control("start", kStartMax, run);
    if (answer.isOk()) state_ = State::Running;
    return answer;
}

Answer Instance::stop() {
    if (state_ != State::Running) return {};
    {
        const std::lock_guard lock(mutex_);
        routes_.clear();
    }
    const auto run = [this](hb_instance* instance, const hb_writer*) {
        return table_->stop(instance, kStopMax / base::kMillisecond);
    };
    Answer answer = control("stop", kStopMax, run);
    if (state_ != State::Failed) state_ = State::Stopped;
    return answer;
}

void Instance::cancel() {
    cancelled_ = true;
    if (state_ != State::Running || table_->cancel == nullptr) return;
    (void)call(Role::None, "cancel", 0, [&](hb_instance* instance, const hb_writer*) {
        table_->cancel(instance);
        return HB_OK;
    });
}

const void* Instance::extension(std::string_view id) const {
    return table_->get_extension(instance_, {id.data(), id.size()});
}

std::vector<IngressRoute> Instance::routes() const {
    const std::lock_guard lock(mutex_);
    return routes_;
}

void Instance::onWake(std::function<void()> wake) {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
}

// A plugin that logs a line for each message must not fill the disk.
bool Instance::mayLog() {
    constexpr int kLinesPerWindow = 100;
    constexpr base::Micros kWindow = 10 * base::kSecond;
    const std::lock_guard lock(mutex_);
    const base::Micros now = services_.clock.steady();
    if (now - log_window_ >= kWindow) {
        log_window_ = now;
        log_lines_ = 0;
    }
    ++log_lines_;
    if (log_lines_ == kLinesPerWindow)
        base::logWarning("plugin", "logs too much; the rest of the next seconds is left out",
                         {{"instance", name_}});
    return log_lines_ < kLinesPerWindow;
}

bool Instance::isMetricName(std::string_view name) {
    constexpr std::size_t kNamesMax = 100;
    const bool fits =
        !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
        name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
    if (!fits) return false;
    const std::lock_guard lock(mutex_);
    if (metric_names_.contains(name)) return true;
    if (metric_names_.size() >= kNamesMax) return false;
    metric_names_.emplace(name);
    return true;
}

} // namespace hearback::runtime
