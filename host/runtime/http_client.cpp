#include "runtime/http_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/HTTPSClientSession.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SSLManager.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/String.h>
#include <Poco/URI.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <set>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using Poco::Net::HTTPRequest;
using Poco::Net::HTTPResponse;

constexpr base::Micros kTimeout = 30 * base::kSecond;
constexpr base::Micros kTimeoutMax = 5 * base::kMinute;
constexpr std::int64_t kResponseMax = 16 << 20;
constexpr int kRedirectsMax = 5;

// The host sets these itself.
bool isReserved(const std::string& name) {
    const std::array<const char*, 5> reserved = {"host", "content-length", "transfer-encoding",
                                                 "connection", "upgrade"};
    return std::any_of(reserved.begin(), reserved.end(),
                       [&](const char* each) { return Poco::icompare(name, each) == 0; });
}

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

// One request on its way, over all its redirects.
class Exchange {
  public:
    Exchange(const v1::HttpRequest& request, const EgressGuard& guard, base::Clock& clock,
             Poco::Net::Context::Ptr tls, const std::function<bool()>& cancelled)
        : request_(request), guard_(guard), clock_(clock), tls_(std::move(tls)),
          cancelled_(cancelled), method_(request.method().empty() ? "GET" : request.method()),
          body_(request.body()), url_(request.url()) {
        const base::Micros wished = request.timeout_ms() * base::kMillisecond;
        deadline_ = clock.steady() + (wished > 0 ? std::min(wished, kTimeoutMax) : kTimeout);
        max_bytes_ = request.max_response_bytes() > 0
                         ? std::min(request.max_response_bytes(), kResponseMax)
                         : kResponseMax;
    }

    base::Result<v1::HttpResponse> run() {
        if (!isToken(method_)) return Error{Code::Invalid, "the method is no word"};
        for (const auto& header : request_.headers())
            if (!isToken(header.name()) || !isHeaderText(header.value()))
                return Error{Code::Invalid, "a header has characters that are not allowed"};
        for (int hop = 0;; ++hop) {
            auto answered = once();
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

  private:
    base::Result<void> follow(int status, bool first) {
        const auto before = parseUrl(url_);
        url_ = Poco::URI(Poco::URI(url_), location_).toString();
        const auto after = parseUrl(url_);
        if (!before || !after)
            return Error{Code::Unavailable, "a redirect leads to no http address"};
        if (before->encrypted && !after->encrypted)
            return Error{Code::Unavailable, "a redirect leads from https to http"};
        same_host_ = same_host_ && before->host == after->host;
        permanent_ = permanent_ || (first && (status == 301 || status == 308));
        if (status == 303 || ((status == 301 || status == 302) && method_ == "POST")) {
            method_ = "GET";
            body_.clear();
        }
        return {};
    }

    base::Result<void> once() {
        const auto target = parseUrl(url_);
        if (!target) return target.error();
        const auto addresses = guard_.admit(*target);
        if (!addresses) return addresses.error();
        try {
            return exchange(*target, addresses->front());
        } catch (const Poco::TimeoutException&) {
            return Error{Code::TimedOut, target->host + " did not answer in time"};
        } catch (const Poco::Net::SSLException& error) {
            return Error{Code::Unavailable, target->host + ": TLS failed: " + error.message()};
        } catch (const Poco::Exception& error) {
            return Error{Code::Unavailable, target->host + ": " + error.displayText()};
        }
    }

    Poco::Timespan left() const {
        return Poco::Timespan(std::max<base::Micros>(deadline_ - clock_.steady(), 1));
    }

    std::unique_ptr<Poco::Net::HTTPClientSession> connect(const Target& target,
                                                          const std::string& address) {
        const Poco::Net::SocketAddress where(address, target.port);
        if (!target.encrypted) return std::make_unique<Poco::Net::HTTPClientSession>(where);
        // Connected to the admitted address, checked against the name.
        Poco::Net::SecureStreamSocket socket(tls_);
        socket.setPeerHostName(target.host);
        socket.setLazyHandshake(true);
        socket.connect(where, left());
        socket.setReceiveTimeout(left());
        socket.completeHandshake();
        return std::make_unique<Poco::Net::HTTPSClientSession>(socket);
    }

    base::Result<void> exchange(const Target& target, const std::string& address) {
        const auto session = connect(target, address);
        session->setTimeout(left(), left(), left());
        HTTPRequest out(method_, target.path_and_query, HTTPRequest::HTTP_1_1);
        const bool default_port = target.port == (target.encrypted ? 443 : 80);
        const std::string host =
            target.host.find(':') == std::string::npos ? target.host : "[" + target.host + "]";
        out.setHost(default_port ? host : host + ":" + std::to_string(target.port));
        out.setKeepAlive(false);
        out.set("User-Agent", "Hearback/0.1");
        out.set("Accept", "*/*");
        for (const auto& header : request_.headers()) {
            const bool credential = Poco::icompare(header.name(), "authorization") == 0 ||
                                    Poco::icompare(header.name(), "cookie") == 0;
            if (!isReserved(header.name()) && (same_host_ || !credential))
                out.set(header.name(), header.value());
        }
        if (!body_.empty() || method_ == "POST" || method_ == "PUT")
            out.setContentLength64(static_cast<Poco::Int64>(body_.size()));
        session->sendRequest(out) << body_;
        HTTPResponse in;
        std::istream& content = session->receiveResponse(in);
        response_.Clear();
        response_.set_status(in.getStatus());
        response_.set_url(url_);
        response_.set_moved_permanently(permanent_);
        for (const auto& [name, value] : in) {
            v1::HttpHeader& header = *response_.add_headers();
            header.set_name(name);
            header.set_value(value);
        }
        location_ = in.get("Location", "");
        const bool has_size = in.hasContentLength() && method_ != "HEAD" &&
                              in.getStatus() != HTTPResponse::HTTP_NOT_MODIFIED;
        return readBody(content, target, has_size ? in.getContentLength64() : -1);
    }

    // `size`: what was announced; -1 where it was not.
    base::Result<void> readBody(std::istream& content, const Target& target, std::int64_t size) {
        std::string body;
        std::array<char, 1 << 16> buffer{};
        while (content.read(buffer.data(), buffer.size()) || content.gcount() > 0) {
            body.append(buffer.data(), static_cast<std::size_t>(content.gcount()));
            if (static_cast<std::int64_t>(body.size()) > max_bytes_)
                return Error{Code::Full, target.host + " answered with more than the " +
                                             std::to_string(max_bytes_) +
                                             " bytes that are allowed"};
            if (clock_.steady() > deadline_)
                return Error{Code::TimedOut, target.host + " did not end its answer in time"};
            if (cancelled_()) return Error{Code::Cancelled, "cancelled"};
        }
        // A stream that ends early is no error to Poco.
        const bool whole = size < 0 || size == static_cast<std::int64_t>(body.size());
        if (content.bad() || !whole)
            return Error{Code::Unavailable, target.host + " broke off its answer"};
        response_.set_body(std::move(body));
        return {};
    }

    const v1::HttpRequest& request_;
    const EgressGuard& guard_;
    base::Clock& clock_;
    Poco::Net::Context::Ptr tls_;
    const std::function<bool()>& cancelled_;
    std::string method_;
    std::string body_;
    std::string url_;
    base::Micros deadline_ = 0;
    std::int64_t max_bytes_ = 0;
    bool same_host_ = true;
    bool permanent_ = false;
    std::string location_;
    std::set<std::string> seen_;
    v1::HttpResponse response_;
};

} // namespace

struct HttpClient::Tls {
    Poco::Net::Context::Ptr context;
};

HttpClient::HttpClient(EgressGuard guard, base::Clock& clock)
    : guard_(std::move(guard)), clock_(clock), tls_(std::make_unique<Tls>()) {
    using Poco::Net::Context;
    const Poco::SharedPtr<Poco::Net::InvalidCertificateHandler> reject =
        new Poco::Net::RejectCertificateHandler(false);
    tls_->context =
        new Context(Context::TLS_CLIENT_USE, "", "", "", Context::VERIFY_STRICT, 9, true);
    tls_->context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    Poco::Net::SSLManager::instance().initializeClient(nullptr, reject, tls_->context);
}

HttpClient::~HttpClient() = default;

base::Result<v1::HttpResponse> HttpClient::send(const v1::HttpRequest& request,
                                                const std::function<bool()>& cancelled) {
    return Exchange(request, guard_, clock_, tls_->context, cancelled).run();
}

} // namespace hearback::runtime
