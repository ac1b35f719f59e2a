#include "egress/http_exchange.h"

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace hearback::egress {

namespace {

using base::Code;
using base::Error;
using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;

constexpr std::int64_t kResponseMax = 16 << 20;
constexpr int kRedirectsMax = 5;

template <std::size_t N>
bool isOneOf(const std::string& name, const std::array<const char*, N>& names) {
    return std::any_of(names.begin(), names.end(),
                       [&](const char* each) { return Poco::icompare(name, each) == 0; });
}

// The host sets these itself.
constexpr std::array kReserved = {"host",       "content-length", "transfer-encoding",
                                  "connection", "upgrade",        "keep-alive",
                                  "te",         "trailer",        "expect"};
// What another origin may see after a redirect. Everything else may be a credential.
constexpr std::array kHarmless = {"accept",        "accept-language",   "accept-encoding",
                                  "content-type",  "content-language",  "user-agent",
                                  "if-none-match", "if-modified-since", "range"};
// RFC 9110, 9.2.2: the effect of several is that of one.
constexpr std::array kIdempotent = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};

bool isHeaderText(const std::string& text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool isToken(const std::string& text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

bool isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool hasDefaultPort(const Target& target) { return target.port == (target.encrypted ? 443 : 80); }

bool isSameOrigin(const Target& a, const Target& b) {
    if (a.host != b.host) return false;
    return (a.port == b.port && a.encrypted == b.encrypted) ||
           (b.encrypted && hasDefaultPort(a) && hasDefaultPort(b));
}

// How long the other side keeps the connection, less a moment: "Keep-Alive: timeout=5, max=100".
base::Micros keepFor(const HTTPResponse& answer) {
    const std::string text = answer.get("Keep-Alive", "");
    const auto at = text.find("timeout=");
    if (at == std::string::npos) return base::kHour; // the pool has a limit of its own
    std::int64_t seconds = 0;
    std::from_chars(text.data() + at + 8, text.data() + text.size(), seconds);
    return std::clamp<std::int64_t>(seconds - 1, 0, 3600) * base::kSecond;
}

// Where an answer without either ends, the connection does.
bool hasEnd(const HTTPResponse& head, bool has_body) {
    return !has_body || head.hasContentLength() || head.getChunkedTransferEncoding();
}

} // namespace

HttpExchange::HttpExchange(const v1::HttpRequest& request, Ways ways, const Patience& patience)
    : request_(request), ways_(std::move(ways)), patience_(patience),
      method_(request.method().empty() ? "GET" : request.method()), body_(request.body()),
      url_(request.url()), max_bytes_(request.max_response_bytes() > 0
                                          ? std::min(request.max_response_bytes(), kResponseMax)
                                          : kResponseMax) {}

base::Result<v1::HttpResponse> HttpExchange::run() {
    if (!isToken(method_)) return Error{Code::Invalid, "the method is no word"};
    for (const auto& header : request_.headers())
        if (!isToken(header.name()) || !isHeaderText(header.value()))
            return Error{Code::Invalid, "a header has characters that are not allowed"};
    for (int hop = 0;; ++hop) {
        const auto answered = once();
        if (!answered) return answered.error();
        const int status = response_.status();
        if (!isRedirect(status) || request_.keep_redirects() || location_.empty())
            return std::move(response_);
        if (hop == kRedirectsMax || !seen_.insert(location_).second)
            return Error{Code::Unavailable, "the redirects lead in a circle"};
        const auto next = follow(status, hop == 0);
        if (!next) return next.error();
    }
}

base::Result<void> HttpExchange::follow(int status, bool first) {
    const auto before = parseUrl(url_);
    try {
        url_ = Poco::URI(Poco::URI(url_), location_).toString();
    } catch (const Poco::Exception&) {
        url_.clear();
    }
    const auto after = parseUrl(url_);
    if (!before || !after) return Error{Code::Unavailable, "a redirect leads to no http address"};
    if (before->encrypted && !after->encrypted)
        return Error{Code::Unavailable, "a redirect leads from https to http"};
    same_origin_ = same_origin_ && isSameOrigin(*before, *after);
    permanent_ = permanent_ || (first && (status == 301 || status == 308));
    if (status == 303 || ((status == 301 || status == 302) && method_ == "POST")) {
        method_ = method_ == "HEAD" ? "HEAD" : "GET";
        body_.clear();
    }
    return {};
}

base::Result<void> HttpExchange::once() {
    const auto target = parseUrl(url_);
    if (!target) return target.error();
    const auto permitted = ways_.permit(target->host);
    if (!permitted) return permitted.error();
    const auto addresses = ways_.guard.admit(*target, patience_);
    if (!addresses) return addresses.error();
    auto done = attempt(*target, *addresses, false);
    if (!done && can_be_repeated_) done = attempt(*target, *addresses, true);
    return done;
}

base::Result<void> HttpExchange::attempt(const Target& target,
                                         const std::vector<std::string>& addresses, bool fresh) {
    can_be_repeated_ = false;
    const bool sent_before = was_sent_;
    try {
        auto lease = ways_.pool.take({target.encrypted, target.host, target.port, {}}, addresses,
                                     fresh, ways_.tls, patience_);
        HttpConnection& connection = lease.connection();
        try {
            return converse(target, lease);
        } catch (const Poco::TimeoutException&) {
            was_sent_ = was_sent_ || connection.hasSent();
            throw;
        } catch (const Poco::Exception&) {
            // Closed while it waited in the pool: nothing was read of what was sent now.
            can_be_repeated_ = lease.isUsed() && !connection.hasAnswer() &&
                               (connection.hasFailedToSend() || isOneOf(method_, kIdempotent));
            was_sent_ = can_be_repeated_ ? sent_before : was_sent_ || connection.hasSent();
            throw;
        }
    } catch (const Poco::TimeoutException&) {
        if (patience_.isCancelled()) return Error{Code::Cancelled, "cancelled"};
        Error error = failed(target, "did not answer in time");
        if (error.code == Code::Unavailable) error.code = Code::TimedOut;
        return error;
    } catch (const Poco::Net::SSLException& error) {
        return failed(target, "TLS failed: " + error.message());
    } catch (const Poco::Exception& error) {
        return failed(target, error.displayText());
    }
}

// Where something was sent, nobody can say whether it had its effect.
Error HttpExchange::failed(const Target& target, const std::string& what) const {
    return {was_sent_ ? Code::Unclear : Code::Unavailable, target.host + ": " + what};
}

void HttpExchange::writeHead(const Target& target, HTTPRequest& out) const {
    const std::string host =
        target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]";
    out.setHost(hasDefaultPort(target) ? host : host + ":" + std::to_string(target.port));
    out.set("User-Agent", "Hearback/0.1");
    out.set("Accept", "*/*");
    for (const auto& header : request_.headers())
        if (!isOneOf(header.name(), kReserved) &&
            (same_origin_ || isOneOf(header.name(), kHarmless)))
            out.set(header.name(), header.value());
    if (!body_.empty() || method_ == "POST" || method_ == "PUT" || method_ == "PATCH")
        out.setContentLength64(static_cast<Poco::Int64>(body_.size()));
}

base::Result<void> HttpExchange::converse(const Target& target, HttpPool::Lease& lease) {
    HttpConnection& connection = lease.connection();
    HTTPRequest out(method_, target.path_and_query, HTTPRequest::HTTP_1_1);
    writeHead(target, out);
    HTTPResponse head;
    std::istream& content = connection.exchange(out, body_, head, patience_);
    was_sent_ = true;
    const int status = head.getStatus();
    response_.Clear();
    response_.set_status(status);
    response_.set_url(url_);
    response_.set_moved_permanently(permanent_);
    for (const auto& [name, value] : head) {
        v1::HttpHeader& header = *response_.add_headers();
        header.set_name(name);
        header.set_value(value);
    }
    location_ = head.get("Location", "");
    auto read = readBody(content, target, connection, head);
    const bool has_body = method_ != "HEAD" && status != 204 && status != 304;
    if (read && status >= 200 && head.getKeepAlive() && hasEnd(head, has_body) &&
        connection.isClean())
        lease.keep(keepFor(head));
    return read;
}

base::Result<void> HttpExchange::readBody(std::istream& content, const Target& target,
                                          HttpConnection& connection, const HTTPResponse& head) {
    std::string body;
    std::array<char, 1 << 16> buffer{};
    while (content.read(buffer.data(), buffer.size()) || content.gcount() > 0) {
        body.append(buffer.data(), static_cast<std::size_t>(content.gcount()));
        if (static_cast<std::int64_t>(body.size()) > max_bytes_)
            return Error{Code::Full, target.host + " answered with more than the " +
                                         std::to_string(max_bytes_) + " bytes that are allowed"};
        if (patience_.isOver()) break;
    }
    if (patience_.isCancelled()) return Error{Code::Cancelled, "cancelled"};
    if (patience_.left() == 0) return failed(target, "did not end its answer in time");
    // A stream that ends early is no error to Poco.
    const bool has_size = head.hasContentLength() && method_ != "HEAD" &&
                          head.getStatus() != HTTPResponse::HTTP_NOT_MODIFIED;
    const bool is_short =
        head.getChunkedTransferEncoding()
            ? connection.isAtEnd()
            : has_size && head.getContentLength64() != static_cast<Poco::Int64>(body.size());
    if (content.bad() || is_short) return failed(target, "broke off its answer");
    response_.set_body(std::move(body));
    return {};
}

} // namespace hearback::egress
