#include "check/host_side.h"

#include "hearback/v1/host.pb.h"

namespace hearback::check {

namespace {

constexpr std::size_t kLinesMax = 10000;

std::string_view viewOf(hb_text text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

std::string textOf(hb_bytes bytes) {
    if (bytes.data == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

hb_status tell(hb_status status, const std::string& text) {
    if (CallUnderWay* call = HostSide::current()) call->error = text;
    return status;
}

} // namespace

// A friend of HostSide: its other half. Nothing that is thrown, where there is no memory, reaches
// the plugin.
struct CheckTables {
    using Who = HostSide::Who;

    static HostSide& of(hb_host_context* context) { return *reinterpret_cast<HostSide*>(context); }

    template <class Work>
    static hb_status enter(hb_host_context* context, const char* function, Who who,
                           Work&& work) noexcept {
        try {
            HostSide& self = of(context);
            self.look(function, who);
            return work(self);
        } catch (...) {
            return HB_INTERNAL;
        }
    }

    static void log(hb_host_context* context, std::int32_t level, hb_text line) noexcept {
        (void)enter(context, "log", Who::Anybody, [&](HostSide& self) {
            if (self.trace().isOn()) {
                self.trace().begin("log", "host", {{"line", viewOf(line)}});
                self.trace().end("log");
            }
            const std::lock_guard lock(self.mutex_);
            if (self.heard_.lines.size() < kLinesMax)
                self.heard_.lines.push_back({level, std::string(viewOf(line))});
            return HB_OK;
        });
    }

    static void setError(hb_host_context* context, hb_status, std::int64_t retry_after_ms,
                         hb_text text, hb_text detail) noexcept {
        (void)enter(context, "set_error", Who::Anybody, [&](HostSide& self) {
            CallUnderWay* const call = HostSide::current();
            if (call == nullptr || call->host != &self) return HB_OK;
            call->retry_after_ms = retry_after_ms;
            // What the host said about a service stays where the plugin adds nothing.
            if (text.size > 0) call->error = viewOf(text);
            call->detail = viewOf(detail);
            return HB_OK;
        });
    }

    static std::int32_t isCancelled(hb_host_context* context) noexcept {
        (void)enter(context, "is_cancelled", Who::Anybody, [](HostSide&) { return HB_OK; });
        return of(context).is_cancelled_ ? 1 : 0;
    }
    static std::int64_t nowUs(hb_host_context* context) noexcept {
        (void)enter(context, "now_us", Who::Anybody, [](HostSide&) { return HB_OK; });
        return base::SystemClock().now() + of(context).world_.clock_skew;
    }
    static void wake(hb_host_context* context) noexcept {
        (void)enter(context, "wake", Who::Anybody, [](HostSide& self) {
            const std::lock_guard lock(self.mutex_);
            ++self.heard_.wakes;
            return HB_OK;
        });
    }

    static hb_status send(hb_host_context* context, hb_bytes bytes, const hb_writer* out) noexcept {
        return enter(context, "send", Who::Service, [&](HostSide& self) -> hb_status {
            v1::HttpRequest request;
            if (!request.ParseFromArray(bytes.data, static_cast<int>(bytes.size)) ||
                request.url().empty())
                return tell(HB_CONFIG, "the HTTP request cannot be read");
            const CallUnderWay* const call = HostSide::current();
            if (self.trace().isOn()) self.trace().begin("send", "host", {{"url", request.url()}});
            const auto reply = self.world_.http.send(call == nullptr ? "" : call->function, request,
                                                     [&self] { return self.is_cancelled_.load(); });
            if (self.trace().isOn())
                self.trace().end("send", {{"status", reply.response.status()}});
            if (reply.status != HB_OK) return tell(reply.status, reply.text);
            const std::string encoded = reply.response.SerializeAsString();
            return out->write(out->context, encoded.data(), encoded.size());
        });
    }

    static hb_status addRoute(hb_host_context* context, const hb_route* route) noexcept {
        return enter(context, "add_route", Who::Start, [&](HostSide& self) -> hb_status {
            if (route == nullptr || route->struct_size < sizeof(hb_route) ||
                route->handler == nullptr)
                return tell(HB_CONFIG, "a route needs a handler");
            // The path is the plugin's: what is kept points at a copy.
            const std::lock_guard lock(self.mutex_);
            hb_route& kept = self.heard_.routes.emplace_back(*route);
            const std::string& path = self.keep(viewOf(route->path));
            kept.path = {path.data(), path.size()};
            self.heard_.route_texts.push_back(std::string(viewOf(route->methods)) + " " + path);
            return HB_OK;
        });
    }

    static hb_status getSecret(hb_host_context* context, hb_text setting,
                               const hb_writer* out) noexcept {
        return enter(context, "secrets.get", Who::Anybody, [&](HostSide& self) -> hb_status {
            const auto found = self.world_.secrets.find(std::string(viewOf(setting)));
            if (found == self.world_.secrets.end())
                return tell(HB_UNSUPPORTED, "the setting is no secret");
            return out->write(out->context, found->second.data(), found->second.size());
        });
    }

    // Every account has one and the same token; it costs nothing and is never refused.
    static hb_status token(hb_host_context* context, hb_bytes bytes,
                           const hb_writer* out) noexcept {
        return enter(context, "oauth.token", Who::Service, [&](HostSide&) -> hb_status {
            constexpr std::string_view kToken = "a-token-of-the-check";
            v1::OAuthAccount account;
            if (!account.ParseFromArray(bytes.data, static_cast<int>(bytes.size)) ||
                account.token_url().empty() || account.client_id().empty())
                return tell(HB_CONFIG, "an OAuth account needs a token_url and a client_id");
            return out->write(out->context, kToken.data(), kToken.size());
        });
    }
    static hb_status refused(hb_host_context* context, hb_bytes) noexcept {
        return enter(context, "oauth.refused", Who::Anybody, [](HostSide&) { return HB_OK; });
    }

    static hb_status wakeAt(hb_host_context* context, std::int64_t) noexcept {
        return enter(context, "wake_at", Who::Anybody, [](HostSide& self) {
            const std::lock_guard lock(self.mutex_);
            ++self.heard_.wakes;
            return HB_OK;
        });
    }

    static hb_status getValue(hb_host_context* context, hb_text key,
                              const hb_writer* out) noexcept {
        return enter(context, "kv.get", Who::Service, [&](HostSide& self) -> hb_status {
            const auto value = self.world_.kv.get(self.name(), std::string(viewOf(key)));
            if (!value) return HB_AGAIN;
            return out->write(out->context, value->data(), value->size());
        });
    }
    static hb_status setValue(hb_host_context* context, hb_text key, hb_bytes value) noexcept {
        return enter(context, "kv.set", Who::Service, [&](HostSide& self) -> hb_status {
            const bool kept =
                self.world_.kv.set(self.name(), std::string(viewOf(key)), textOf(value));
            return kept ? static_cast<hb_status>(HB_OK)
                        : tell(HB_LIMIT, "a key or a value is too large, or there are too many");
        });
    }
    static hb_status removeValue(hb_host_context* context, hb_text key) noexcept {
        return enter(context, "kv.remove", Who::Service, [&](HostSide& self) {
            self.world_.kv.remove(self.name(), std::string(viewOf(key)));
            return HB_OK;
        });
    }

    static void addFigure(hb_host_context* context, const char* function, hb_text name) noexcept {
        (void)enter(context, function, Who::Anybody, [&](HostSide& self) {
            const std::lock_guard lock(self.mutex_);
            if (self.heard_.figures.size() < kLinesMax)
                self.heard_.figures.insert(std::string(viewOf(name)));
            return HB_OK;
        });
    }
    static void count(hb_host_context* context, hb_text name, double) noexcept {
        addFigure(context, "metrics.count", name);
    }
    static void gauge(hb_host_context* context, hb_text name, double) noexcept {
        addFigure(context, "metrics.gauge", name);
    }
    static void timing(hb_host_context* context, hb_text name, std::int64_t) noexcept {
        addFigure(context, "metrics.timing", name);
    }

    static std::int32_t role(hb_host_context* context) noexcept {
        const CallUnderWay* const call = HostSide::current();
        return call != nullptr && call->host == &of(context) ? call->role : HB_ROLE_NONE;
    }
    static std::int32_t state(hb_host_context* context) noexcept { return of(context).state(); }

    static const void* getExtension(hb_host_context* context, hb_text id) noexcept {
        (void)enter(context, "get_extension", Who::Anybody, [](HostSide&) { return HB_OK; });
        return extensionOf(viewOf(id), of(context).options_.features);
    }
};

hb_host tableOf(HostSide& host, std::uint32_t abi_minor) {
    hb_host table{};
    table.struct_size = sizeof table;
    table.abi_minor = abi_minor;
    table.context = reinterpret_cast<hb_host_context*>(&host);
    table.log = CheckTables::log;
    table.set_error = CheckTables::setError;
    table.is_cancelled = CheckTables::isCancelled;
    table.now_us = CheckTables::nowUs;
    table.wake = CheckTables::wake;
    table.get_extension = CheckTables::getExtension;
    return table;
}

const void* extensionOf(std::string_view id, unsigned features) {
    using T = CheckTables;
    static constexpr hb_host_http_1 kHttp{sizeof kHttp, 0, T::send};
    static constexpr hb_host_ingress_1 kIngress{sizeof kIngress, 0, T::addRoute};
    static constexpr hb_host_secrets_1 kSecrets{sizeof kSecrets, 0, T::getSecret};
    static constexpr hb_host_kv_1 kKv{sizeof kKv, 0, T::getValue, T::setValue, T::removeValue};
    static constexpr hb_host_metrics_1 kMetrics{sizeof kMetrics, 0, T::count, T::gauge, T::timing};
    static constexpr hb_host_thread_check_1 kThreads{sizeof kThreads, 0, T::role, T::state};
    static constexpr hb_host_oauth_1 kOAuth{sizeof kOAuth, 0, T::token, T::refused};
    static constexpr hb_host_scheduler_1 kScheduler{sizeof kScheduler, 0, T::wakeAt};
    constexpr std::array<const void*, kFeatures.size()> kTables = {
        &kHttp, &kIngress, &kSecrets, &kKv, &kMetrics, &kThreads, &kOAuth, &kScheduler};
    for (std::size_t i = 0; i < kFeatures.size(); ++i)
        if (id == kFeatures.at(i).id && (features & kFeatures.at(i).bit) != 0) return kTables.at(i);
    return nullptr;
}

} // namespace hearback::check
