#include "check/scripted_http.h"

#include "base/clock.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

namespace hearback::check {

namespace {

constexpr std::size_t kTooLarge = 10 << 20;
// An answer that does not come is waited for no longer than this, whatever the plugin allows.
constexpr base::Micros kNoAnswerMax = 2 * base::kSecond;
constexpr std::string_view kMoved = "https://moved.hearback.example/?to=";

bool fits(const std::string& pattern, const std::string& url) {
    if (!pattern.empty() && pattern.back() == '*')
        return url.compare(0, pattern.size() - 1, pattern, 0, pattern.size() - 1) == 0;
    return url == pattern;
}

std::string headerOf(const auto& headers, std::string_view name) {
    const auto is_it = [&](const auto& header) {
        return std::equal(
            header.name().begin(), header.name().end(), name.begin(), name.end(),
            [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
    };
    const auto found = std::find_if(headers.begin(), headers.end(), is_it);
    return found == headers.end() ? "" : found->value();
}

void addHeader(v1::HttpResponse& response, const std::string& name, const std::string& value) {
    v1::HttpHeader& header = *response.add_headers();
    header.set_name(name);
    header.set_value(value);
}

v1::HttpResponse plain(int status, const std::string& url, const std::string& body) {
    v1::HttpResponse response;
    response.set_status(status);
    response.set_url(url);
    response.set_body(body);
    addHeader(response, "Content-Type", "text/html; charset=utf-8");
    return response;
}

ScriptedHttp::Reply none(hb_status status, std::string text) {
    ScriptedHttp::Reply reply;
    reply.status = status;
    reply.text = std::move(text);
    return reply;
}

void waitForNothing(const v1::HttpRequest& request, const std::function<bool()>& is_cancelled) {
    const base::SystemClock clock;
    base::Micros wait = kNoAnswerMax;
    if (request.timeout_ms() > 0)
        wait = std::min<base::Micros>(wait, request.timeout_ms() * base::kMillisecond);
    for (const base::Micros end = clock.steady() + wait; clock.steady() < end && !is_cancelled();)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

} // namespace

std::string everythingOf(const v1::HttpRequest& request) {
    std::string all = request.method() + " " + request.url() + "\n";
    for (const v1::HttpHeader& header : request.headers())
        all += header.name() + ": " + header.value() + "\n";
    return all + "\n" + request.body();
}

ScriptedHttp::ScriptedHttp(const std::vector<ScriptedAnswer>& answers) {
    for (const ScriptedAnswer& answer : answers) script_.push_back({answer, 0});
}

ScriptedHttp::Reply ScriptedHttp::send(const std::string& function, const v1::HttpRequest& request,
                                       const std::function<bool()>& is_cancelled) {
    Reply reply;
    bool changes = false;
    Trouble trouble = Trouble::None;
    {
        const std::lock_guard lock(mutex_);
        trouble = trouble_;
        reply = trouble == Trouble::None ? answer(request, changes) : troubled(request, trouble);
        const int status = reply.status == HB_OK ? reply.response.status() : 0;
        exchanges_.push_back({function, request, status, changes});
    }
    if (trouble != Trouble::NoAnswer) return reply;
    waitForNothing(request, is_cancelled);
    return is_cancelled() ? none(HB_CANCELLED, "cancelled")
                          : none(HB_UNAVAILABLE, request.url() + " does not answer in time");
}

ScriptedHttp::Reply ScriptedHttp::answer(const v1::HttpRequest& request, bool& changes) {
    Reply reply;
    if (interceptor_) {
        if (auto response = interceptor_(request)) {
            reply.response = std::move(*response);
            changes = request.method() != "GET" && request.method() != "HEAD";
            return reply;
        }
    }
    reply.response = scripted(request, changes);
    const auto size = static_cast<std::int64_t>(reply.response.body().size());
    if (request.max_response_bytes() > 0 && size > request.max_response_bytes())
        return none(HB_LIMIT, "the answer of " + request.url() + " is too large");
    return reply;
}

v1::HttpResponse ScriptedHttp::scripted(const v1::HttpRequest& request, bool& changes) {
    for (Scripted& each : script_) {
        const ScriptedAnswer& answer = each.answer;
        if (answer.method != request.method() || !fits(answer.url, request.url())) continue;
        if (answer.times > 0 && each.used >= answer.times) continue;
        if (!answer.after.empty() && !hasSeen(answer.after)) continue;
        ++each.used;
        changes = answer.changes;
        v1::HttpResponse response;
        response.set_status(answer.status);
        response.set_url(request.url());
        for (const auto& [name, value] : answer.headers) addHeader(response, name, value);
        const std::string tag = headerOf(response.headers(), "ETag");
        if (!tag.empty() && headerOf(request.headers(), "If-None-Match") == tag)
            response.set_status(304);
        else
            response.set_body(answer.body);
        return response;
    }
    changes = request.method() != "GET" && request.method() != "HEAD";
    if (unanswered_.empty()) unanswered_ = request.method() + " " + request.url();
    return plain(404, request.url(), "nothing here");
}

bool ScriptedHttp::hasSeen(const std::string& method_and_url) const {
    return std::any_of(exchanges_.begin(), exchanges_.end(), [&](const Exchange& exchange) {
        return exchange.status != 0 &&
               fits(method_and_url, exchange.request.method() + " " + exchange.request.url());
    });
}

ScriptedHttp::Reply ScriptedHttp::troubled(const v1::HttpRequest& request, Trouble trouble) {
    constexpr std::array kServerErrors = {500, 502, 503};
    const int number = troubles_++;
    Reply reply;
    v1::HttpResponse& response = reply.response;
    bool changes = false;
    const std::string& url = request.url();
    switch (trouble) {
    case Trouble::None:
    case Trouble::NoAnswer: return reply;
    case Trouble::ClosedEarly:
        return none(HB_UNAVAILABLE, url + " closed the connection before its answer was whole");
    case Trouble::TooLarge:
        if (request.max_response_bytes() > 0 &&
            request.max_response_bytes() < static_cast<std::int64_t>(kTooLarge))
            return none(HB_LIMIT, "the answer of " + url + " is too large");
        response = plain(200, url, std::string(kTooLarge, 'x'));
        return reply;
    case Trouble::NoJson: response = plain(200, url, "<html>We are \"back\" soon {[</html"); break;
    case Trouble::BrokenText: {
        response = scripted(request, changes);
        std::string& body = *response.mutable_body();
        if (body.empty()) break;
        // Another place at every request.
        body[(static_cast<std::size_t>(number) * 37 + body.size() / 2) % body.size()] = '\xE9';
        break;
    }
    case Trouble::ServerError:
        response = plain(kServerErrors.at(static_cast<std::size_t>(number) % kServerErrors.size()),
                         url, "<h1>Internal error</h1>");
        break;
    case Trouble::Moved: {
        v1::HttpRequest first = request;
        if (url.starts_with(kMoved)) first.set_url(url.substr(kMoved.size()));
        const std::string there = std::string(kMoved) + first.url();
        if (request.keep_redirects() && url != there) {
            response = plain(301, url, "");
            addHeader(response, "Location", there);
            break;
        }
        response = scripted(first, changes);
        response.set_url(there);
        response.set_moved_permanently(true);
        break;
    }
    case Trouble::RateLimited:
        response = plain(429, url, "slow down");
        addHeader(response, "Retry-After", "120");
        response.set_retry_after_ms(120'000); // as the host reads it
        break;
    case Trouble::Unauthorised:
        response = plain(401, url, "who are you?");
        addHeader(response, "WWW-Authenticate", "Bearer");
        break;
    case Trouble::NotFound: response = plain(404, url, "nothing here"); break;
    case Trouble::WrongClock:
        response = scripted(request, changes);
        addHeader(response, "Date", "Fri, 31 Dec 1999 23:59:59 GMT");
        break;
    }
    return reply;
}

void ScriptedHttp::setTrouble(Trouble trouble) {
    const std::lock_guard lock(mutex_);
    trouble_ = trouble;
    troubles_ = 0;
}

void ScriptedHttp::intercept(Interceptor interceptor) {
    const std::lock_guard lock(mutex_);
    interceptor_ = std::move(interceptor);
}

std::vector<Exchange> ScriptedHttp::exchanges() const {
    const std::lock_guard lock(mutex_);
    return exchanges_;
}

void ScriptedHttp::forget() {
    const std::lock_guard lock(mutex_);
    exchanges_.clear();
    for (Scripted& each : script_) each.used = 0;
}

std::string ScriptedHttp::unanswered() const {
    const std::lock_guard lock(mutex_);
    return unanswered_;
}

} // namespace hearback::check
