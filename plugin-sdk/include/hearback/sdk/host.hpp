// The host as a plugin sees it. A service that this host does not offer throws
// Error(Status::unsupported) where an answer is needed, and does nothing where none is.
#pragma once

#include "hearback/plugin/host_services.h"
#include "hearback/sdk/message_view.hpp"
#include "hearback/sdk/status.hpp"
#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>
#include <protozero/pbf_message.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

inline bool equalIgnoringCase(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

} // namespace detail

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpCall {
    std::string method = "GET";
    std::string url;
    Headers headers;
    std::string body;
    std::int64_t timeout_ms = 0;         // 0: the host's default
    std::int64_t max_response_bytes = 0; // 0: the host's default
};

struct HttpAnswer {
    std::int32_t status = 0;
    Headers headers;
    std::string body;
    std::string url; // that answered, after redirects
    bool moved_permanently = false;

    // The first header of that name, in any case; empty where there is none.
    std::string_view header(std::string_view name) const {
        for (const auto& [key, value] : headers)
            if (detail::equalIgnoringCase(key, name)) return value;
        return {};
    }
};

class Host {
  public:
    explicit Host(const hb_host* table) : table_(table) {
        http_ = extension<hb_host_http_1>(HB_EXT_HOST_HTTP_1);
        ingress_ = extension<hb_host_ingress_1>(HB_EXT_HOST_INGRESS_1);
        secrets_ = extension<hb_host_secrets_1>(HB_EXT_HOST_SECRETS_1);
        kv_ = extension<hb_host_kv_1>(HB_EXT_HOST_KV_1);
        metrics_ = extension<hb_host_metrics_1>(HB_EXT_HOST_METRICS_1);
    }

    // One line for the operator. Never a person's words, never a secret.
    void debug(std::string_view line) const { log(HB_LOG_DEBUG, line); }
    void info(std::string_view line) const { log(HB_LOG_INFO, line); }
    void warning(std::string_view line) const { log(HB_LOG_WARNING, line); }
    void error(std::string_view line) const { log(HB_LOG_ERROR, line); }

    std::int64_t nowUs() const { return table_->now_us(table_->context); }
    bool isCancelled() const { return table_->is_cancelled(table_->context) != 0; }
    void wake() const { table_->wake(table_->context); }

    // Throws Error where no answer came.
    HttpAnswer send(const HttpCall& call) const {
        if (http_ == nullptr) throw Error(Status::unsupported("this host offers no HTTP"));
        const std::string request = encode(call);
        std::string response;
        const detail::StringWriter writer(response);
        const hb_status status =
            http_->send(table_->context, detail::toBytes(request), writer.table());
        if (status != HB_OK) throw Error(Status::fromHost(status));
        return decode(response);
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

    static std::string encode(const HttpCall& call) {
        using Field = wire::HttpRequest;
        std::string bytes;
        protozero::pbf_builder<Field> out(bytes);
        out.add_string(Field::method, call.method);
        out.add_string(Field::url, call.url);
        for (const auto& [name, value] : call.headers) {
            protozero::pbf_builder<wire::HttpHeader> header(out, Field::headers);
            header.add_string(wire::HttpHeader::name, name);
            header.add_string(wire::HttpHeader::value, value);
        }
        out.add_bytes(Field::body, call.body);
        out.add_int64(Field::timeout_ms, call.timeout_ms);
        out.add_int64(Field::max_response_bytes, call.max_response_bytes);
        return bytes;
    }
    static HttpAnswer decode(std::string_view bytes) {
        using Field = wire::HttpResponse;
        HttpAnswer answer;
        protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::varint(Field::status): answer.status = in.get_int32(); break;
            case wire::bytes(Field::headers):
                answer.headers.push_back(header(in.get_view()));
                break;
            case wire::bytes(Field::body): answer.body = in.get_string(); break;
            case wire::bytes(Field::url): answer.url = in.get_string(); break;
            case wire::varint(Field::moved_permanently):
                answer.moved_permanently = wire::truth(in);
                break;
            default: in.skip();
            }
        }
        return answer;
    }
    static std::pair<std::string, std::string> header(protozero::data_view bytes) {
        std::pair<std::string, std::string> pair;
        protozero::pbf_message<wire::HttpHeader> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::HttpHeader::name): pair.first = in.get_string(); break;
            case wire::bytes(wire::HttpHeader::value): pair.second = in.get_string(); break;
            default: in.skip();
            }
        }
        return pair;
    }

    const hb_host* table_;
    const hb_host_http_1* http_ = nullptr;
    const hb_host_ingress_1* ingress_ = nullptr;
    const hb_host_secrets_1* secrets_ = nullptr;
    const hb_host_kv_1* kv_ = nullptr;
    const hb_host_metrics_1* metrics_ = nullptr;
};

} // namespace hearback
