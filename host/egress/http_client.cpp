#include "egress/http_client.h"

#include "egress/recording.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/RejectCertificateHandler.h>
#include <Poco/Net/SSLManager.h>

#include <algorithm>

namespace hearback::egress {

namespace {

constexpr base::Micros kTimeout = 30 * base::kSecond;
constexpr base::Micros kTimeoutMax = 5 * base::kMinute;

} // namespace

base::Result<void> checkAuthorities(const std::filesystem::path& file) {
    try {
        if (!Poco::Crypto::X509Certificate::readPEM(file.string()).empty()) return {};
        return base::Error{base::Code::Invalid, "holds no certificate"};
    } catch (const Poco::Exception& error) {
        return base::Error{base::Code::Invalid, "holds no certificates: " + error.displayText()};
    }
}

struct HttpClient::Tls {
    Poco::Net::Context::Ptr context;
};

HttpClient::HttpClient(EgressGuard guard, base::Clock& clock, HttpOptions options)
    : guard_(std::move(guard)), clock_(clock), options_(std::move(options)),
      tls_(std::make_unique<Tls>()), pool_(clock, options_.pool) {
    using Poco::Net::Context;
    const Poco::SharedPtr<Poco::Net::InvalidCertificateHandler> reject =
        new Poco::Net::RejectCertificateHandler(false);
    tls_->context = new Context(Context::TLS_CLIENT_USE, "", "", options_.authorities.string(),
                                Context::VERIFY_STRICT, 9, true);
    tls_->context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    Poco::Net::SSLManager::instance().initializeClient(nullptr, reject, tls_->context);
}

HttpClient::~HttpClient() = default;

base::Result<v1::HttpResponse> HttpClient::send(const v1::HttpRequest& request,
                                                const Sender& sender,
                                                const std::function<bool()>& cancelled) {
    Recording* recording = options_.recording;
    if (recording != nullptr && recording->replays()) return recording->play(request, sender);
    const std::int64_t wished = std::min(request.timeout_ms(), kTimeoutMax / base::kMillisecond);
    const base::Micros timeout = wished > 0 ? wished * base::kMillisecond : kTimeout;
    const Patience patience(clock_, clock_.steady() + timeout, cancelled);
    auto answer =
        HttpExchange(request, {guard_, pool_, tls_->context, sender.permit}, patience).run();
    if (recording != nullptr) recording->add(request, answer, sender);
    return answer;
}

} // namespace hearback::egress
