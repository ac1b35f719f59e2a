#include "support/http_client.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/StreamCopier.h>

namespace hearback::testing {

struct HttpClient::Impl {
    Poco::Net::HTTPClientSession session;

    HttpResult send(Poco::Net::HTTPRequest& request, const std::string& body) {
        HttpResult result;
        try {
            session.sendRequest(request) << body;
            Poco::Net::HTTPResponse response;
            std::istream& content = session.receiveResponse(response);
            Poco::StreamCopier::copyToString(content, result.body);
            result.status = response.getStatus();
            for (const auto& [name, value] : response) result.headers[name] = value;
        } catch (const Poco::Exception&) {
            session.reset();
        }
        return result;
    }
};

HttpClient::HttpClient(const std::string& host, std::uint16_t port)
    : impl_(std::make_unique<Impl>()) {
    impl_->session.setHost(host);
    impl_->session.setPort(port);
    impl_->session.setKeepAlive(true);
    impl_->session.setTimeout(Poco::Timespan(30, 0));
}

HttpClient::~HttpClient() = default;

HttpResult HttpClient::get(const std::string& path) {
    Poco::Net::HTTPRequest request("GET", path, "HTTP/1.1");
    return impl_->send(request, "");
}

HttpResult HttpClient::post(const std::string& path, const std::string& body,
                            const std::vector<std::pair<std::string, std::string>>& headers) {
    Poco::Net::HTTPRequest request("POST", path, "HTTP/1.1");
    request.setKeepAlive(true);
    request.setContentLength64(static_cast<Poco::Int64>(body.size()));
    for (const auto& [name, value] : headers) request.set(name, value);
    return impl_->send(request, body);
}

std::uint16_t freePort() {
    const Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    return socket.address().port();
}

} // namespace hearback::testing
