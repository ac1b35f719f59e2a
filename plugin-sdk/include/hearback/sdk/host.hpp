// The host as a plugin sees it. A service that this host does not offer throws
// Error(Status::unsupported) where an answer is needed, and does nothing where none is.
#pragma once

#include "hearback/plugin/host_services.h"
#include "hearback/sdk/http.hpp"
#include "hearback/sdk/message_view.hpp"
#include "hearback/sdk/oauth.hpp"
#include "hearback/sdk/status.hpp"
#include "hearback/sdk/wire_fields.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hearback {

namespace detail {

inline hb_text toText(std::string_view text) { return {text.data(), text.size()}; }
inline hb_bytes toBytes(std::string_view bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}
inline std::string_view toView(hb_text text) { return {text.data, text.size}; }
inline std::string_view toView(hb_bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data), bytes.size};
}

// A writer that appends to a string of the caller's.
class StringWriter {
  public:
    explicit StringWriter(std::string& into) : into_(into) {
        table_.struct_size = sizeof(hb_writer);
        table_.context = this;
        table_.write = [](void* self, const void* data, std::uint64_t size) noexcept -> hb_status {
            try {
                static_cast<StringWriter*>(self)->into_.append(static_cast<const char*>(data),
                                                               size);
                return HB_OK;
            } catch (...) {
                return HB_LIMIT;
            }
        };
        table_.reserve = [](void* self, std::uint64_t size) noexcept -> void* {
            try {
                auto& text = static_cast<StringWriter*>(self)->into_;
                text.resize(text.size() + size);
                return text.data() + text.size() - size;
            } catch (...) {
                return nullptr;
            }
        };
    }
    StringWriter(const StringWriter&) = delete;
    StringWriter& operator=(const StringWriter&) = delete;
    const hb_writer* table() const { return &table_; }

  private:
    std::string& into_;
    hb_writer table_{};
};

} // namespace detail

class Host {
  public:
    explicit Host(const hb_host* table) : table_(table) {
        http_ = extension<hb_host_http_1>(HB_EXT_HOST_HTTP_1);
        ingress_ = extension<hb_host_ingress_1>(HB_EXT_HOST_INGRESS_1);
        secrets_ = extension<hb_host_secrets_1>(HB_EXT_HOST_SECRETS_1);
        kv_ = extension<hb_host_kv_1>(HB_EXT_HOST_KV_1);
        metrics_ = extension<hb_host_metrics_1>(HB_EXT_HOST_METRICS_1);
        oauth_ = extension<hb_host_oauth_1>(HB_EXT_HOST_OAUTH_1);
        scheduler_ = extension<hb_host_scheduler_1>(HB_EXT_HOST_SCHEDULER_1);
    }

    // One line for the operator. Never a person's words, never a secret.
    void debug(std::string_view line) const { log(HB_LOG_DEBUG, line); }
    void info(std::string_view line) const { log(HB_LOG_INFO, line); }
    void warning(std::string_view line) const { log(HB_LOG_WARNING, line); }
    void error(std::string_view line) const { log(HB_LOG_ERROR, line); }

    std::int64_t nowUs() const { return table_->now_us(table_->context); }
    bool isCancelled() const { return table_->is_cancelled(table_->context) != 0; }
    void wake() const { table_->wake(table_->context); }
    // wake() when nowUs() will be `at_us`; the earliest of several times, and not after stop().
    void wakeAt(std::int64_t at_us) const {
        if (scheduler_ == nullptr) throw Error(Status::unsupported("this host wakes nobody"));
        const hb_status status = scheduler_->wake_at(table_->context, at_us);
        if (status != HB_OK) throw Error(Status::fromHost(status));
    }

    // Throws HttpError where no answer came.
    HttpAnswer send(const HttpCall& call) const {
        if (http_ == nullptr) throw Error(Status::unsupported("this host offers no HTTP"));
        const std::string request = detail::encode(call);
        std::string response;
        const detail::StringWriter writer(response);
        const hb_status status =
            http_->send(table_->context, detail::toBytes(request), writer.table());
        detail::HttpOutcome outcome = detail::decodeAnswer(response);
        if (status != HB_OK)
            throw HttpError(Status::fromHost(status, {}, outcome.answer.retry_after_ms),
                            outcome.may_have_arrived);
        return std::move(outcome.answer);
    }

    // What goes behind "Bearer ". Throws Error: Status::auth where people must connect it again.
    std::string accessToken(const OAuthAccount& account) const {
        if (oauth_ == nullptr) throw Error(Status::unsupported("this host offers no OAuth"));
        const std::string bytes = account.encode();
        std::string token;
        const detail::StringWriter writer(token);
        const hb_status status =
            oauth_->token(table_->context, detail::toBytes(bytes), writer.table());
        if (status != HB_OK) throw Error(Status::fromHost(status));
        return token;
    }
    // The other side answered 401 to the token that was given last: the next one is another.
    void tokenRefused(const OAuthAccount& account) const {
        if (oauth_ == nullptr) return;
        const std::string bytes = account.encode();
        const hb_status status = oauth_->refused(table_->context, detail::toBytes(bytes));
        if (status != HB_OK) throw Error(Status::fromHost(status));
    }

    // The present value of a secret setting.
    std::string secret(std::string_view setting) const {
        if (secrets_ == nullptr) throw Error(Status::unsupported("this host keeps no secrets"));
        std::string value;
        const detail::StringWriter writer(value);
        const hb_status status =
            secrets_->get(table_->context, detail::toText(setting), writer.table());
        if (status != HB_OK) throw Error(Status::fromHost(status));
        return value;
    }

    // The instance's own durable store.
    std::optional<std::string> load(std::string_view key) const {
        if (kv_ == nullptr) throw Error(Status::unsupported("this host has no key-value store"));
        std::string value;
        const detail::StringWriter writer(value);
        const hb_status status = kv_->get(table_->context, detail::toText(key), writer.table());
        if (status == HB_AGAIN) return std::nullopt;
        if (status != HB_OK) throw Error(Status::fromHost(status));
        return value;
    }
    void store(std::string_view key, std::string_view value) const {
        if (kv_ == nullptr) throw Error(Status::unsupported("this host has no key-value store"));
        const hb_status status =
            kv_->set(table_->context, detail::toText(key), detail::toBytes(value));
        if (status != HB_OK) throw Error(Status::fromHost(status));
    }

    void count(std::string_view name, double by = 1) const {
        if (metrics_ != nullptr) metrics_->count(table_->context, detail::toText(name), by);
    }
    void gauge(std::string_view name, double value) const {
        if (metrics_ != nullptr) metrics_->gauge(table_->context, detail::toText(name), value);
    }

    const hb_host* table() const { return table_; }
    const hb_host_ingress_1* ingress() const { return ingress_; }

  private:
    template <class Table>
    const Table* extension(std::string_view id) const {
        return static_cast<const Table*>(
            table_->get_extension(table_->context, detail::toText(id)));
    }
    void log(std::int32_t level, std::string_view line) const {
        table_->log(table_->context, level, detail::toText(line));
    }

    const hb_host* table_;
    const hb_host_http_1* http_ = nullptr;
    const hb_host_ingress_1* ingress_ = nullptr;
    const hb_host_secrets_1* secrets_ = nullptr;
    const hb_host_kv_1* kv_ = nullptr;
    const hb_host_metrics_1* metrics_ = nullptr;
    const hb_host_oauth_1* oauth_ = nullptr;
    const hb_host_scheduler_1* scheduler_ = nullptr;
};

} // namespace hearback
