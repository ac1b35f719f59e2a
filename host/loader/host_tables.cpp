#include "loader/host_tables.h"

#include "base/log.h"
#include "base/utf8.h"
#include "loader/instance.h"

#include <algorithm>
#include <sstream>

namespace hearback::loader {

namespace {

std::string_view toView(hb_text text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}

std::string_view toView(hb_bytes bytes) {
    return bytes.data == nullptr
               ? std::string_view()
               : std::string_view(reinterpret_cast<const char*>(bytes.data), bytes.size);
}

hb_status toStatus(base::Code code) {
    switch (code) {
    case base::Code::Invalid: return HB_CONFIG;
    case base::Code::NotFound: return HB_AGAIN;
    case base::Code::Full: return HB_LIMIT;
    case base::Code::Cancelled: return HB_CANCELLED;
    case base::Code::Unsupported: return HB_UNSUPPORTED;
    case base::Code::Internal: return HB_INTERNAL;
    case base::Code::RateLimited: return HB_RATE_LIMITED;
    case base::Code::Auth: return HB_AUTH;
    default: return HB_UNAVAILABLE;
    }
}

} // namespace

// Nothing thrown here may reach the plugin. A friend of Instance: the tables are its other half.
struct HostTables {
    static Instance& of(hb_host_context* context) { return *reinterpret_cast<Instance*>(context); }

    // Where a function may be called: by its tag in host_services.h.
    enum class Place { Start, Calls, CallsAndThreads };

    // Is this thread there? Otherwise the rule of the boundary is broken, which is told once in a
    // while.
    static bool isIn(Instance& self, const char* function, Place place) {
        CallContext* const call = currentCall();
        const bool inside = call != nullptr && call->instance == &self;
        const std::string_view in = inside ? call->function : "";
        const bool starts = in == "start";
        const bool asks = starts || in == "check" || (inside && call->role == Role::Worker);
        const bool fits = place == Place::Start
                              ? starts
                              : asks || (place == Place::CallsAndThreads && call == nullptr);
        if (fits) return true;
        if (inside)
            call->error = std::string(function) + " was called in " + std::string(in) +
                          "(), where it may not be";
        if (self.complaints_.admit(self.clock_.steady()) != base::WindowLimit::Verdict::Refused)
            base::logWarning("runtime", "host function called where it may not be",
                             {{"instance", self.name_}, {"function", function}, {"in", in}});
        return false;
    }

    template <class Work>
    static hb_status guarded(Work&& work) noexcept {
        try {
            return work();
        } catch (...) {
            return HB_INTERNAL;
        }
    }

    static void wakeUp(Instance& self) {
        std::function<void()> wake;
        {
            const std::lock_guard lock(self.mutex_);
            wake = self.wake_;
        }
        if (wake) wake();
    }

    static hb_status refuse(const base::Error& error) {
        if (CallContext* call = currentCall()) {
            call->error = error.message;
            call->retry_after = std::min(error.retry_after, base::kDay);
        }
        return toStatus(error.code);
    }

    static void log(hb_host_context* context, std::int32_t level, hb_text line) noexcept {
        (void)guarded([&] {
            const int bounded = std::clamp<int>(level, HB_LOG_DEBUG, HB_LOG_ERROR);
            of(context).services_->log(static_cast<base::LogLevel>(bounded), toView(line));
            return HB_OK;
        });
    }

    static void setError(hb_host_context* context, hb_status, std::int64_t retry_after_ms,
                         hb_text text, hb_text detail) noexcept {
        (void)guarded([&] {
            CallContext* call = currentCall();
            if (call == nullptr || call->instance != &of(context)) return HB_OK;
            const auto wait = std::clamp<std::int64_t>(retry_after_ms, 0, base::kDay / 1000);
            // What the host itself said about a service stays where the plugin adds nothing.
            if (wait > 0 || text.size > 0) call->retry_after = wait * base::kMillisecond;
            if (text.size > 0) call->error = toView(text).substr(0, 8192);
            call->error_detail = toView(detail).substr(0, 8192);
            return HB_OK;
        });
    }

    static std::int32_t isCancelled(hb_host_context* context) noexcept {
        return of(context).cancelled_ ? 1 : 0;
    }
    static std::int64_t nowUs(hb_host_context* context) noexcept {
        return of(context).services_->now();
    }
    static void wake(hb_host_context* context) noexcept {
        (void)guarded([&] {
            wakeUp(of(context));
            return HB_OK;
        });
    }

    static hb_status send(hb_host_context* context, hb_bytes bytes, const hb_writer* out) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (!isIn(self, "send", Place::CallsAndThreads))
                return static_cast<hb_status>(HB_INTERNAL);
            v1::HttpRequest request;
            if (!request.ParseFromArray(bytes.data, static_cast<int>(bytes.size)))
                return refuse({base::Code::Invalid, "the HTTP request cannot be read"});
            const auto response =
                self.services_->send(request, [&] { return self.cancelled_.load(); });
            if (!response) return fail(response.error(), *out);
            const std::string encoded = response->SerializeAsString();
            return out->write(out->context, encoded.data(), encoded.size());
        });
    }

    // What of a request that failed matters to what the plugin does next.
    static hb_status fail(const base::Error& error, const hb_writer& out) {
        v1::HttpResponse known;
        known.set_retry_after_ms(error.retry_after / base::kMillisecond);
        known.set_may_have_arrived(error.code == base::Code::Unclear);
        const std::string encoded = known.SerializeAsString();
        (void)out.write(out.context, encoded.data(), encoded.size());
        return refuse(error);
    }

    static hb_status token(hb_host_context* context, hb_bytes bytes,
                           const hb_writer* out) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (!isIn(self, "oauth.token", Place::CallsAndThreads))
                return static_cast<hb_status>(HB_INTERNAL);
            v1::OAuthAccount account;
            if (!account.ParseFromArray(bytes.data, static_cast<int>(bytes.size)))
                return refuse({base::Code::Invalid, "the OAuth account cannot be read"});
            const auto given =
                self.services_->accessToken(account, [&] { return self.cancelled_.load(); });
            if (!given) return refuse(given.error());
            return out->write(out->context, given->data(), given->size());
        });
    }
    static hb_status refused(hb_host_context* context, hb_bytes bytes) noexcept {
        return guarded([&] {
            v1::OAuthAccount account;
            if (!account.ParseFromArray(bytes.data, static_cast<int>(bytes.size)))
                return refuse({base::Code::Invalid, "the OAuth account cannot be read"});
            const auto told = of(context).services_->tokenRefused(account);
            return told ? static_cast<hb_status>(HB_OK) : refuse(told.error());
        });
    }

    static hb_status wakeAt(hb_host_context* context, std::int64_t at_us) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (self.manifest_.kind != "channel")
                return refuse({base::Code::Unsupported, "only a channel can be woken"});
            const auto noted = self.services_->wakeAt(at_us, [weak = self.weak_from_this()] {
                if (const auto instance = weak.lock()) wakeUp(*instance);
            });
            return noted ? static_cast<hb_status>(HB_OK) : refuse(noted.error());
        });
    }

    static hb_status addRoute(hb_host_context* context, const hb_route* route) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (!isIn(self, "add_route", Place::Start)) return static_cast<hb_status>(HB_INTERNAL);
            if (!self.manifest_.doesNeed("ingress"))
                return refuse({base::Code::Unsupported,
                               "the plugin does not say that it receives requests: its author adds "
                               "\"ingress\" to the \"needs\" of its manifest"});
            if (route == nullptr || route->struct_size < sizeof(hb_route) ||
                route->handler == nullptr)
                return refuse({base::Code::Invalid, "a route needs a handler"});
            Instance::Route added;
            added.route.path = toView(route->path);
            const std::string& path = added.route.path;
            if (path.size() > 256 || (!path.empty() && path.front() != '/'))
                return refuse({base::Code::Invalid, "a route is empty or begins with /"});
            added.route.max_body_bytes = route->max_body_bytes;
            added.handler = route->handler;
            std::istringstream methods{std::string(toView(route->methods))};
            for (std::string method; std::getline(methods, method, ',');)
                added.route.methods.push_back(method);
            const std::lock_guard lock(self.mutex_);
            if (self.routes_.size() >= 16)
                return refuse({base::Code::Full, "an instance has at most 16 routes"});
            self.routes_.push_back(std::move(added));
            return static_cast<hb_status>(HB_OK);
        });
    }

    static hb_status getSecret(hb_host_context* context, hb_text setting,
                               const hb_writer* out) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            const auto value = self.services_->secret(std::string(toView(setting)));
            if (!value) return refuse(value.error());
            return out->write(out->context, value->data(), value->size());
        });
    }

    static hb_status getValue(hb_host_context* context, hb_text key,
                              const hb_writer* out) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (!isIn(self, "kv.get", Place::Calls)) return static_cast<hb_status>(HB_INTERNAL);
            const auto value = self.services_->load(std::string(toView(key)));
            if (!value) return refuse(value.error());
            if (!*value) return static_cast<hb_status>(HB_AGAIN);
            return out->write(out->context, (*value)->data(), (*value)->size());
        });
    }
    static hb_status setValue(hb_host_context* context, hb_text key, hb_bytes value) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (!isIn(self, "kv.set", Place::Calls)) return static_cast<hb_status>(HB_INTERNAL);
            const auto kept =
                self.services_->store(std::string(toView(key)), std::string(toView(value)));
            return kept ? static_cast<hb_status>(HB_OK) : refuse(kept.error());
        });
    }
    static hb_status removeValue(hb_host_context* context, hb_text key) noexcept {
        return guarded([&] {
            Instance& self = of(context);
            if (!isIn(self, "kv.remove", Place::Calls)) return static_cast<hb_status>(HB_INTERNAL);
            const auto gone = self.services_->remove(std::string(toView(key)));
            return gone ? static_cast<hb_status>(HB_OK) : refuse(gone.error());
        });
    }

    static void count(hb_host_context* context, hb_text name, double by) noexcept {
        (void)guarded([&] {
            of(context).services_->count(toView(name), by);
            return HB_OK;
        });
    }
    static void gauge(hb_host_context* context, hb_text name, double value) noexcept {
        (void)guarded([&] {
            of(context).services_->gauge(toView(name), value);
            return HB_OK;
        });
    }
    static void timing(hb_host_context* context, hb_text name, std::int64_t us) noexcept {
        (void)guarded([&] {
            of(context).services_->timing(toView(name), us);
            return HB_OK;
        });
    }

    static std::int32_t role(hb_host_context* context) noexcept {
        const CallContext* call = currentCall();
        const bool inside = call != nullptr && call->instance == &of(context);
        return static_cast<std::int32_t>(inside ? call->role : Role::None);
    }
    static std::int32_t state(hb_host_context* context) noexcept {
        return static_cast<std::int32_t>(of(context).state());
    }

    static const void* getExtension(hb_host_context*, hb_text id) noexcept {
        static constexpr hb_host_http_1 kHttp{sizeof(hb_host_http_1), 0, send};
        static constexpr hb_host_ingress_1 kIngress{sizeof(hb_host_ingress_1), 0, addRoute};
        static constexpr hb_host_secrets_1 kSecrets{sizeof(hb_host_secrets_1), 0, getSecret};
        static constexpr hb_host_kv_1 kKv{sizeof(hb_host_kv_1), 0, getValue, setValue, removeValue};
        static constexpr hb_host_metrics_1 kMetrics{sizeof(hb_host_metrics_1), 0, count, gauge,
                                                    timing};
        static constexpr hb_host_thread_check_1 kThreads{sizeof(hb_host_thread_check_1), 0, role,
                                                         state};
        static constexpr hb_host_oauth_1 kOAuth{sizeof(hb_host_oauth_1), 0, token, refused};
        static constexpr hb_host_scheduler_1 kScheduler{sizeof(hb_host_scheduler_1), 0, wakeAt};
        const std::string_view name = toView(id);
        if (name == HB_EXT_HOST_HTTP_1) return &kHttp;
        if (name == HB_EXT_HOST_OAUTH_1) return &kOAuth;
        if (name == HB_EXT_HOST_SCHEDULER_1) return &kScheduler;
        if (name == HB_EXT_HOST_INGRESS_1) return &kIngress;
        if (name == HB_EXT_HOST_SECRETS_1) return &kSecrets;
        if (name == HB_EXT_HOST_KV_1) return &kKv;
        if (name == HB_EXT_HOST_METRICS_1) return &kMetrics;
        if (name == HB_EXT_HOST_THREAD_CHECK_1) return &kThreads;
        return nullptr;
    }
};

hb_host hostTable(Instance& instance) {
    hb_host host{};
    host.struct_size = sizeof(hb_host);
    host.abi_minor = HB_ABI_MINOR;
    host.context = reinterpret_cast<hb_host_context*>(&instance);
    host.log = HostTables::log;
    host.set_error = HostTables::setError;
    host.is_cancelled = HostTables::isCancelled;
    host.now_us = HostTables::nowUs;
    host.wake = HostTables::wake;
    host.get_extension = HostTables::getExtension;
    return host;
}

} // namespace hearback::loader
