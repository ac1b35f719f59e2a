// The host of a unit test: a clock that stands still, an internet that is scripted, and a note of
// everything that the plugin did to it. No server, no thread, no time passes by itself.
//
//   FakeHost host;
//   host.answers("GET", "https://shop.example/reviews", 200, "[]");
//   PluginUnderTest plugin(host, load("plugins/acme-reviews.so"),
//                          {{"url", "https://shop.example/reviews"}});
//
// A class can be tested by itself too: MyChannel channel(host.host()). What is noted may be read at
// any time: threads of the plugin's own are waited for at a lock.
#pragma once

#include "hearback/sdk/host.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback::testing {

// What a call of the plugin came to, with what it told by set_error().
struct Outcome {
    hb_status status = HB_OK;
    std::string text;
    std::string path; // of the setting that is wrong, such as "/url"
    std::int64_t retry_after_ms = 0;
    bool ok() const { return status == HB_OK; }
};

struct LogLine {
    std::int32_t level = HB_LOG_INFO;
    std::string text;
};

// An address that the plugin receives at.
struct Route {
    std::string path;
    std::string methods;
    hb_status (*handler)(hb_instance*, hb_bytes, const hb_writer*) = nullptr;
};

// What the test told the plugin about a batch.
struct Ack {
    std::uint64_t batch_id = 0;
    bool stored = false;
};

inline std::pair<std::string, std::string> readHeader(protozero::data_view bytes) {
    std::pair<std::string, std::string> pair;
    protozero::pbf_message<wire::HttpHeader> in(bytes);
    while (in.next()) {
        if (in.tag() == wire::HttpHeader::name)
            pair.first = in.get_string();
        else if (in.tag() == wire::HttpHeader::value)
            pair.second = in.get_string();
        else
            in.skip();
    }
    return pair;
}

class FakeHost {
  public:
    FakeHost() : host_(&table_) {}
    FakeHost(const FakeHost&) = delete;
    FakeHost& operator=(const FakeHost&) = delete;

    const hb_host* table() const { return &table_; }
    Host& host() { return host_; }

    // The clock: 2026-01-01T00:00:00Z until it is moved.
    void setTime(std::int64_t us) {
        locked([&] { now_us_ = us; });
    }
    void advance(std::chrono::microseconds by) {
        locked([&] { now_us_ += by.count(); });
    }

    // The internet. Answers to the same request come in this order, the last one again and again.
    // A request that the test has no answer for is HB_UNAVAILABLE, with a text that says so.
    void answers(const std::string& method, const std::string& url, std::int32_t status,
                 std::string body, Headers headers = {}, std::int64_t retry_after_ms = 0) {
        HttpAnswer answer;
        answer.retry_after_ms = retry_after_ms;
        answer.status = status;
        answer.body = std::move(body);
        answer.headers = std::move(headers);
        answer.url = url;
        locked([&] { script_[method + " " + url].push_back({HB_OK, "", std::move(answer)}); });
    }
    // No answer comes: HB_UNAVAILABLE, HB_LIMIT, HB_CONFIG or HB_CANCELLED.
    void fails(const std::string& method, const std::string& url, hb_status status,
               std::string text) {
        locked([&] { script_[method + " " + url].push_back({status, std::move(text), {}}); });
    }
    // Every request that was made, in order.
    std::vector<HttpCall> calls() const { return copy(calls_); }

    // Secrets by the name of the setting, and the plugin's own store.
    void setSecret(const std::string& setting, std::string value) {
        locked([&] { secrets_[setting] = std::move(value); });
    }
    std::map<std::string, std::string> values() const { return copy(values_); }
    void setValue(const std::string& key, std::string value) {
        locked([&] { values_[key] = std::move(value); });
    }

    // Access tokens by the address they come from; accounts of others are refused with HB_AUTH.
    void setToken(const std::string& token_url, std::string token) {
        locked([&] { tokens_[token_url] = std::move(token); });
    }
    // The addresses of tokens that the plugin found refused.
    std::vector<std::string> refusedTokens() const { return copy(refused_tokens_); }
    // When the plugin asked to be woken, in order; nobody wakes it but the test.
    std::vector<std::int64_t> wakeTimes() const { return copy(wake_times_); }

    // Makes this host one that does not offer a service, such as HB_EXT_HOST_KV_1. Before the
    // plugin is made.
    void without(std::string_view service) {
        locked([&] { absent_.insert(std::string(service)); });
        host_ = Host(&table_);
    }
    // As after cancel(): calls shall return soon.
    void setCancelled(bool cancelled) {
        locked([&] { cancelled_ = cancelled; });
    }

    std::vector<LogLine> log() const { return copy(log_); }
    std::vector<Outcome> errors() const { return copy(errors_); }
    std::map<std::string, double> counts() const { return copy(counts_); }
    std::map<std::string, double> gauges() const { return copy(gauges_); }
    std::map<std::string, std::vector<std::int64_t>> timings() const { return copy(timings_); }
    std::vector<Route> routes() const { return copy(routes_); }
    std::vector<Ack> acks() const { return copy(acks_); }
    std::int64_t wakes() const { return copy(wakes_); }

    // For what drives the plugin.
    void note(const Ack& ack) {
        locked([&] { acks_.push_back(ack); });
    }
    void forgetRoutes() {
        locked([&] { routes_.clear(); });
    }

  private:
    struct Scripted {
        hb_status status = HB_OK;
        std::string text;
        HttpAnswer answer;
    };
    static constexpr std::size_t kKeyMax = 256;
    static constexpr std::size_t kValueMax = 64 << 10;
    static constexpr std::size_t kKeysMax = 1000;

    static FakeHost& of(hb_host_context* context) { return *reinterpret_cast<FakeHost*>(context); }
    static std::string text(hb_text from) {
        return from.size == 0 ? std::string() : std::string(from.data, from.size);
    }
    static hb_status write(const hb_writer* out, const std::string& bytes) {
        return out->write(out->context, bytes.data(), bytes.size());
    }
    template <class Work>
    void locked(Work&& work) const {
        const std::lock_guard lock(mutex_);
        work();
    }
    template <class T>
    T copy(const T& member) const {
        const std::lock_guard lock(mutex_);
        return member;
    }
    hb_status refuse(hb_status status, const std::string& why) {
        locked([&] { errors_.push_back({status, why, "", 0}); });
        return status;
    }

    static void logLine(hb_host_context* context, std::int32_t level, hb_text line) {
        of(context).locked([&] { of(context).log_.push_back({level, text(line)}); });
    }
    static void setError(hb_host_context* context, hb_status status, std::int64_t retry_after_ms,
                         hb_text words, hb_text detail_json) {
        const auto detail = nlohmann::json::parse(text(detail_json), nullptr, false);
        Outcome error{status, text(words), "", retry_after_ms};
        if (detail.is_object()) error.path = detail.value("path", "");
        of(context).locked([&] { of(context).errors_.push_back(std::move(error)); });
    }
    static std::int32_t isCancelled(hb_host_context* context) {
        return of(context).copy(of(context).cancelled_) ? 1 : 0;
    }
    static std::int64_t nowUs(hb_host_context* context) {
        return of(context).copy(of(context).now_us_);
    }
    static void wake(hb_host_context* context) {
        of(context).locked([&] { ++of(context).wakes_; });
    }

    static hb_status send(hb_host_context* context, hb_bytes bytes, const hb_writer* out) {
        FakeHost& self = of(context);
        HttpCall call;
        try {
            call = readCall(detail::toView(bytes));
        } catch (const protozero::exception&) {
            return self.refuse(HB_CONFIG, "the HTTP request cannot be read");
        }
        const std::string request = call.method + " " + call.url;
        Scripted next{HB_UNAVAILABLE, "the test has no answer to " + request, {}};
        self.locked([&] {
            self.calls_.push_back(call);
            const auto found = self.script_.find(request);
            if (found == self.script_.end()) return;
            next = found->second.front();
            if (found->second.size() > 1) found->second.erase(found->second.begin());
        });
        if (next.status != HB_OK) return self.refuse(next.status, next.text);
        return write(out, encode(next.answer));
    }
    static hb_status addRoute(hb_host_context* context, const hb_route* route) {
        of(context).locked([&] {
            of(context).routes_.push_back(
                {text(route->path), text(route->methods), route->handler});
        });
        return HB_OK;
    }
    static hb_status getSecret(hb_host_context* context, hb_text setting, const hb_writer* out) {
        const auto secrets = of(context).copy(of(context).secrets_);
        const auto found = secrets.find(text(setting));
        if (found != secrets.end()) return write(out, found->second);
        return of(context).refuse(HB_UNSUPPORTED, text(setting) + " is no secret of this test");
    }
    static hb_status token(hb_host_context* context, hb_bytes account, const hb_writer* out) {
        FakeHost& self = of(context);
        const std::string url = tokenUrlOf(detail::toView(account));
        const auto tokens = self.copy(self.tokens_);
        const auto found = tokens.find(url);
        if (found != tokens.end()) return write(out, found->second);
        return self.refuse(HB_AUTH, "the test has no token of " + url);
    }
    static hb_status refused(hb_host_context* context, hb_bytes account) {
        FakeHost& self = of(context);
        const std::string url = tokenUrlOf(detail::toView(account));
        self.locked([&] { self.refused_tokens_.push_back(url); });
        return HB_OK;
    }
    static hb_status wakeAt(hb_host_context* context, std::int64_t at_us) {
        of(context).locked([&] { of(context).wake_times_.push_back(at_us); });
        return HB_OK;
    }
    static hb_status getValue(hb_host_context* context, hb_text key, const hb_writer* out) {
        const auto values = of(context).copy(of(context).values_);
        const auto found = values.find(text(key));
        return found == values.end() ? HB_AGAIN : write(out, found->second);
    }
    static hb_status putValue(hb_host_context* context, hb_text key, hb_bytes value) {
        FakeHost& self = of(context);
        bool full = key.size > kKeyMax || value.size > kValueMax;
        self.locked([&] {
            full = full || (self.values_.size() >= kKeysMax && self.values_.count(text(key)) == 0);
            if (!full) self.values_[text(key)] = std::string(detail::toView(value));
        });
        return full ? self.refuse(HB_LIMIT, "the key, the value or the store is too large")
                    : static_cast<hb_status>(HB_OK);
    }
    static hb_status removeValue(hb_host_context* context, hb_text key) {
        of(context).locked([&] { of(context).values_.erase(text(key)); });
        return HB_OK;
    }
    static void count(hb_host_context* context, hb_text name, double by) {
        of(context).locked([&] { of(context).counts_[text(name)] += by; });
    }
    static void gauge(hb_host_context* context, hb_text name, double value) {
        of(context).locked([&] { of(context).gauges_[text(name)] = value; });
    }
    static void timing(hb_host_context* context, hb_text name, std::int64_t us) {
        of(context).locked([&] { of(context).timings_[text(name)].push_back(us); });
    }
    static const void* getExtension(hb_host_context* context, hb_text id) {
        static constexpr hb_host_http_1 kHttp{sizeof(hb_host_http_1), 0, send};
        static constexpr hb_host_ingress_1 kIngress{sizeof(hb_host_ingress_1), 0, addRoute};
        static constexpr hb_host_secrets_1 kSecrets{sizeof(hb_host_secrets_1), 0, getSecret};
        static constexpr hb_host_kv_1 kKv{sizeof(hb_host_kv_1), 0, getValue, putValue, removeValue};
        static constexpr hb_host_metrics_1 kMetrics{sizeof(hb_host_metrics_1), 0, count, gauge,
                                                    timing};
        static constexpr hb_host_oauth_1 kOAuth{sizeof(hb_host_oauth_1), 0, token, refused};
        static constexpr hb_host_scheduler_1 kScheduler{sizeof(hb_host_scheduler_1), 0, wakeAt};
        const std::string name = text(id);
        if (of(context).copy(of(context).absent_).count(name) == 1) return nullptr;
        if (name == HB_EXT_HOST_HTTP_1) return &kHttp;
        if (name == HB_EXT_HOST_INGRESS_1) return &kIngress;
        if (name == HB_EXT_HOST_SECRETS_1) return &kSecrets;
        if (name == HB_EXT_HOST_KV_1) return &kKv;
        if (name == HB_EXT_HOST_METRICS_1) return &kMetrics;
        if (name == HB_EXT_HOST_OAUTH_1) return &kOAuth;
        if (name == HB_EXT_HOST_SCHEDULER_1) return &kScheduler;
        return nullptr;
    }

    static std::string tokenUrlOf(std::string_view account) {
        try {
            protozero::pbf_message<wire::OAuthAccount> in(
                protozero::data_view(account.data(), account.size()));
            return in.next(wire::OAuthAccount::token_url) ? in.get_string() : std::string();
        } catch (const protozero::exception&) {
            return "an account that cannot be read";
        }
    }

    static HttpCall readCall(std::string_view bytes) {
        using Field = wire::HttpRequest;
        HttpCall call;
        call.method.clear();
        protozero::pbf_message<Field> in(protozero::data_view(bytes.data(), bytes.size()));
        while (in.next()) {
            switch (in.tag()) {
            case Field::method: call.method = in.get_string(); break;
            case Field::url: call.url = in.get_string(); break;
            case Field::headers: call.headers.push_back(readHeader(in.get_view())); break;
            case Field::body: call.body = in.get_string(); break;
            case Field::timeout_ms: call.timeout_ms = in.get_int64(); break;
            case Field::max_response_bytes: call.max_response_bytes = in.get_int64(); break;
            case Field::keep_redirects: call.keep_redirects = wire::truth(in); break;
            case Field::account: call.account = in.get_string(); break;
            case Field::budgets: call.budgets.push_back(readBudget(in.get_view())); break;
            default: in.skip();
            }
        }
        return call;
    }
    static Budget readBudget(protozero::data_view bytes) {
        using Field = wire::Budget;
        Budget budget;
        protozero::pbf_message<Field> in(bytes);
        while (in.next()) {
            switch (in.tag()) {
            case Field::name: budget.name = in.get_string(); break;
            case Field::cost: budget.cost = in.get_double(); break;
            case Field::limit: budget.limit = in.get_double(); break;
            case Field::period_ms: budget.period_ms = in.get_int64(); break;
            default: in.skip();
            }
        }
        return budget;
    }
    static std::string encode(const HttpAnswer& answer) {
        using Field = wire::HttpResponse;
        std::string bytes;
        protozero::pbf_builder<Field> out(bytes);
        out.add_int32(Field::status, answer.status);
        for (const auto& [name, value] : answer.headers) {
            protozero::pbf_builder<wire::HttpHeader> header(out, Field::headers);
            header.add_string(wire::HttpHeader::name, name);
            header.add_string(wire::HttpHeader::value, value);
        }
        out.add_bytes(Field::body, answer.body);
        out.add_string(Field::url, answer.url);
        out.add_bool(Field::moved_permanently, answer.moved_permanently);
        out.add_int64(Field::retry_after_ms, answer.retry_after_ms);
        return bytes;
    }

    mutable std::mutex mutex_;
    std::int64_t now_us_ = 1767225600000000;
    bool cancelled_ = false;
    std::map<std::string, std::vector<Scripted>> script_;
    std::vector<HttpCall> calls_;
    std::map<std::string, std::string> secrets_;
    std::map<std::string, std::string> values_;
    std::map<std::string, std::string> tokens_;
    std::vector<std::string> refused_tokens_;
    std::vector<std::int64_t> wake_times_;
    std::set<std::string> absent_;
    std::vector<LogLine> log_;
    std::vector<Outcome> errors_;
    std::map<std::string, double> counts_;
    std::map<std::string, double> gauges_;
    std::map<std::string, std::vector<std::int64_t>> timings_;
    std::vector<Route> routes_;
    std::vector<Ack> acks_;
    std::int64_t wakes_ = 0;
    hb_host table_{sizeof(hb_host), HB_ABI_MINOR, reinterpret_cast<hb_host_context*>(this),
                   logLine,         setError,     isCancelled,
                   nowUs,           wake,         getExtension};
    Host host_;
};

} // namespace hearback::testing
