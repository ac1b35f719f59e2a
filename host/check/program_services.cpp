#include "check/program_services.h"

namespace hearback::check {

namespace {

hb_text textOf(std::string_view view) { return {view.data(), view.size()}; }

hb_bytes bytesOf(std::string_view view) {
    return {reinterpret_cast<const std::uint8_t*>(view.data()), view.size()};
}

// A writer into a string, which has no limit of its own: frames have one.
hb_writer writerInto(std::string& into) {
    hb_writer writer{};
    writer.struct_size = sizeof writer;
    writer.context = &into;
    writer.write = [](void* context, const void* data, std::uint64_t size) -> hb_status {
        static_cast<std::string*>(context)->append(static_cast<const char*>(data), size);
        return HB_OK;
    };
    writer.reserve = [](void* context, std::uint64_t size) -> void* {
        auto& bytes = *static_cast<std::string*>(context);
        bytes.resize(bytes.size() + size);
        return bytes.data() + bytes.size() - size;
    };
    return writer;
}

base::Code codeOf(hb_status status) {
    switch (status) {
    case HB_AGAIN: return base::Code::NotFound;
    case HB_RATE_LIMITED: return base::Code::RateLimited;
    case HB_AUTH: return base::Code::Auth;
    case HB_CONFIG: return base::Code::Invalid;
    case HB_UNSUPPORTED: return base::Code::Unsupported;
    case HB_CANCELLED: return base::Code::Cancelled;
    case HB_INTERNAL: return base::Code::Internal;
    case HB_LIMIT: return base::Code::Full;
    default: return base::Code::Unavailable;
    }
}

// Runs with the call of the program that is under way as this thread's.
template <class Work>
void inCall(const CallInProgram& call, Work&& work) {
    auto under_way = call.underWay();
    std::optional<HostSide::Scope> scope;
    if (under_way) scope.emplace(*under_way);
    work(*call.host().table());
}

// Asks an optional table: none where it is there and all went well.
template <class Table, class Work>
std::optional<base::Error> ask(const CallInProgram& call, const char* id, Work&& work) {
    auto under_way = call.underWay();
    std::optional<HostSide::Scope> scope;
    if (under_way) scope.emplace(*under_way);
    const hb_host& host = *call.host().table();
    const auto* table = static_cast<const Table*>(host.get_extension(host.context, textOf(id)));
    if (table == nullptr)
        return base::Error{base::Code::Unsupported, std::string("the host has no ") + id};
    const hb_status status = work(*table, host.context);
    if (status == HB_OK) return std::nullopt;
    base::Error error{codeOf(status), under_way ? under_way->error : std::string()};
    if (error.message.empty()) error.message = std::string(id) + " failed";
    if (under_way) error.retry_after = under_way->retry_after_ms * base::kMillisecond;
    return error;
}

template <class Work>
void tell(const CallInProgram& call, Work&& work) {
    (void)ask<hb_host_metrics_1>(call, HB_EXT_HOST_METRICS_1,
                                 [&](const hb_host_metrics_1& table, hb_host_context* context) {
                                     work(table, context);
                                     return HB_OK;
                                 });
}

} // namespace

void CallInProgram::begin(const CallUnderWay& call) {
    const std::lock_guard lock(mutex_);
    call_ = call;
}

void CallInProgram::end() {
    const std::lock_guard lock(mutex_);
    call_.reset();
}

std::optional<CallUnderWay> CallInProgram::underWay() const {
    const std::lock_guard lock(mutex_);
    return call_;
}

base::Micros ProgramServices::now() const {
    const hb_host& host = *call_->host().table();
    return host.now_us(host.context);
}

void ProgramServices::log(base::LogLevel level, std::string_view line) {
    inCall(*call_, [&](const hb_host& host) {
        host.log(host.context, static_cast<std::int32_t>(level), textOf(line));
    });
}

base::Result<v1::HttpResponse> ProgramServices::send(const v1::HttpRequest& request,
                                                     const std::function<bool()>&) {
    const std::string asked = request.SerializeAsString();
    std::string answered;
    const auto error = ask<hb_host_http_1>(
        *call_, HB_EXT_HOST_HTTP_1, [&](const hb_host_http_1& table, hb_host_context* context) {
            const hb_writer out = writerInto(answered);
            return table.send(context, bytesOf(asked), &out);
        });
    if (error) return *error;
    v1::HttpResponse response;
    if (!response.ParseFromString(answered))
        return base::Error{base::Code::Internal, "the answer cannot be read"};
    return response;
}

base::Result<std::string> ProgramServices::secret(const std::string& setting) {
    std::string value;
    const auto error =
        ask<hb_host_secrets_1>(*call_, HB_EXT_HOST_SECRETS_1,
                               [&](const hb_host_secrets_1& table, hb_host_context* context) {
                                   const hb_writer out = writerInto(value);
                                   return table.get(context, textOf(setting), &out);
                               });
    if (error) return *error;
    return value;
}

base::Result<std::optional<std::string>> ProgramServices::load(const std::string& key) {
    std::string value;
    const auto error = ask<hb_host_kv_1>(*call_, HB_EXT_HOST_KV_1,
                                         [&](const hb_host_kv_1& table, hb_host_context* context) {
                                             const hb_writer out = writerInto(value);
                                             return table.get(context, textOf(key), &out);
                                         });
    if (error && error->code == base::Code::NotFound) return std::optional<std::string>();
    if (error) return *error;
    return std::optional<std::string>(std::move(value));
}

base::Result<void> ProgramServices::store(const std::string& key, const std::string& value) {
    const auto error = ask<hb_host_kv_1>(*call_, HB_EXT_HOST_KV_1,
                                         [&](const hb_host_kv_1& table, hb_host_context* context) {
                                             return table.set(context, textOf(key), bytesOf(value));
                                         });
    if (error) return *error;
    return {};
}

base::Result<void> ProgramServices::remove(const std::string& key) {
    const auto error = ask<hb_host_kv_1>(*call_, HB_EXT_HOST_KV_1,
                                         [&](const hb_host_kv_1& table, hb_host_context* context) {
                                             return table.remove(context, textOf(key));
                                         });
    if (error) return *error;
    return {};
}

void ProgramServices::count(std::string_view name, double by) {
    tell(*call_, [&](const hb_host_metrics_1& table, hb_host_context* context) {
        table.count(context, textOf(name), by);
    });
}

void ProgramServices::gauge(std::string_view name, double value) {
    tell(*call_, [&](const hb_host_metrics_1& table, hb_host_context* context) {
        table.gauge(context, textOf(name), value);
    });
}

void ProgramServices::timing(std::string_view name, base::Micros duration) {
    tell(*call_, [&](const hb_host_metrics_1& table, hb_host_context* context) {
        table.timing(context, textOf(name), duration);
    });
}

base::Result<std::string> ProgramServices::accessToken(const v1::OAuthAccount& account,
                                                       const std::function<bool()>&) {
    const std::string asked = account.SerializeAsString();
    std::string token;
    const auto error = ask<hb_host_oauth_1>(
        *call_, HB_EXT_HOST_OAUTH_1, [&](const hb_host_oauth_1& table, hb_host_context* context) {
            const hb_writer out = writerInto(token);
            return table.token(context, bytesOf(asked), &out);
        });
    if (error) return *error;
    return token;
}

base::Result<void> ProgramServices::tokenRefused(const v1::OAuthAccount& account) {
    const std::string asked = account.SerializeAsString();
    const auto error = ask<hb_host_oauth_1>(
        *call_, HB_EXT_HOST_OAUTH_1, [&](const hb_host_oauth_1& table, hb_host_context* context) {
            return table.refused(context, bytesOf(asked));
        });
    if (error) return *error;
    return {};
}

base::Result<void> ProgramServices::wakeAt(base::Micros at, std::function<void()>) {
    const auto error =
        ask<hb_host_scheduler_1>(*call_, HB_EXT_HOST_SCHEDULER_1,
                                 [&](const hb_host_scheduler_1& table, hb_host_context* context) {
                                     return table.wake_at(context, at);
                                 });
    if (error) return *error;
    return {};
}

} // namespace hearback::check
