#include "http/server.h"

#include "base/log.h"
#include "http/connection_guard.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServerConnection.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerRequestImpl.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/SecureServerSocket.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/TCPServer.h>
#include <Poco/Net/TCPServerConnectionFactory.h>
#include <Poco/ThreadPool.h>
#include <Poco/URI.h>

#include <array>
#include <optional>

namespace hearback::http {

// What the connections of a server share.
struct ServerShared {
    std::string name;
    Handler handler;
    BodyLimit body_limit;
    std::size_t body_max;
    base::Clock& clock;
    base::Metrics& metrics;
    ConnectionGuard guard;
};

namespace {

using Poco::Net::HTTPServerRequest;
using Poco::Net::HTTPServerResponse;
using Phase = ConnectionGuard::Phase;
using Shared = ServerShared;

int idOf(Poco::Net::StreamSocket& socket) { return static_cast<int>(socket.impl()->sockfd()); }

class RequestHandler final : public Poco::Net::HTTPRequestHandler {
  public:
    explicit RequestHandler(Shared& shared) : shared_(shared) {}

    void handleRequest(HTTPServerRequest& in, HTTPServerResponse& out) override {
        auto& socket = dynamic_cast<Poco::Net::HTTPServerRequestImpl&>(in).socket();
        const int id = idOf(socket);
        const base::Micros begun = shared_.clock.steady();
        shared_.guard.setPhase(id, Phase::Body);
        const Reply reply = answer(in);
        shared_.guard.setPhase(id, Phase::Answer);
        send(reply, out);
        shared_.guard.setPhase(id, Phase::Idle);
        shared_.metrics.count("hearback_http_requests_total",
                              {{"server", shared_.name}, {"status", std::to_string(reply.status)}});
        shared_.metrics.observe("hearback_http_seconds", {{"server", shared_.name}},
                                static_cast<double>(shared_.clock.steady() - begun) / 1e6);
    }

  private:
    Reply answer(HTTPServerRequest& in) {
        Request request;
        request.remote = in.clientAddress().host().toString();
        if (!shared_.guard.admit(request.remote)) {
            Reply reply = Reply::text(429, "too many requests from your address");
            reply.headers.emplace_back("Retry-After", "60");
            return reply;
        }
        if (!readHead(in, request)) return Reply::text(400, "the address cannot be read");
        std::size_t max = shared_.body_limit ? shared_.body_limit(request.path) : 0;
        if (max == 0) max = shared_.body_max;
        if (const auto refused = readBody(in, request, max)) return *refused;
        shared_.guard.setPhase(idOf(dynamic_cast<Poco::Net::HTTPServerRequestImpl&>(in).socket()),
                               Phase::Answer);
        return shared_.handler(request);
    }

    static bool readHead(HTTPServerRequest& in, Request& request) {
        try {
            const Poco::URI uri(in.getURI());
            request.path = uri.getPath();
            request.query = uri.getRawQuery();
        } catch (const Poco::Exception&) {
            return false;
        }
        request.method = in.getMethod();
        for (const auto& [name, value] : in) request.headers.emplace_back(name, value);
        return true;
    }

    // Something to answer with where the body is not taken.
    static std::optional<Reply> readBody(HTTPServerRequest& in, Request& request, std::size_t max) {
        const Reply too_large =
            Reply::text(413, "the body has more than the " + std::to_string(max) +
                                 " bytes that are taken here");
        if (in.hasContentLength() && in.getContentLength64() > static_cast<Poco::Int64>(max))
            return too_large;
        // RFC 9112, 6.3: a request that announces no body has none. Poco would wait for one.
        if (!in.hasContentLength() && !in.getChunkedTransferEncoding()) return std::nullopt;
        std::array<char, 1 << 14> buffer{};
        std::istream& stream = in.stream();
        while (stream.read(buffer.data(), buffer.size()) || stream.gcount() > 0) {
            request.body.append(buffer.data(), static_cast<std::size_t>(stream.gcount()));
            if (request.body.size() > max) return too_large;
        }
        if (in.hasContentLength() &&
            static_cast<Poco::Int64>(request.body.size()) != in.getContentLength64())
            return Reply::text(400, "the body is shorter than announced");
        return std::nullopt;
    }

    static void send(const Reply& reply, HTTPServerResponse& out) {
        out.setStatusAndReason(static_cast<Poco::Net::HTTPResponse::HTTPStatus>(reply.status));
        for (const auto& [name, value] : reply.headers) out.set(name, value);
        out.set("X-Content-Type-Options", "nosniff");
        // What was not read of the request would be taken for the next one.
        if (reply.status == 413 || reply.status == 400) out.setKeepAlive(false);
        if (reply.status == 204 || reply.status == 304) {
            out.setContentLength(0);
            out.send();
            return;
        }
        out.sendBuffer(reply.body.data(), reply.body.size());
    }

    Shared& shared_;
};

class HandlerFactory final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    explicit HandlerFactory(Shared& shared) : shared_(shared) {}
    Poco::Net::HTTPRequestHandler* createRequestHandler(const HTTPServerRequest&) override {
        return new RequestHandler(shared_); // Poco deletes it
    }

  private:
    Shared& shared_;
};

class GuardedConnection final : public Poco::Net::HTTPServerConnection {
  public:
    GuardedConnection(const Poco::Net::StreamSocket& socket, Shared& shared,
                      Poco::Net::HTTPServerParams::Ptr params,
                      Poco::Net::HTTPRequestHandlerFactory::Ptr factory)
        : HTTPServerConnection(socket, std::move(params), std::move(factory)), shared_(shared) {}

    void run() override {
        const int id = idOf(socket());
        Poco::Net::StreamSocket mine = socket();
        const auto cut = [mine]() mutable {
            // Of the plain socket: a TLS shutdown would write, which another thread may be doing.
            ::shutdown(static_cast<int>(mine.impl()->sockfd()), SHUT_RDWR);
        };
        try {
            const std::string address = socket().peerAddress().host().toString();
            if (!shared_.guard.enter(id, address, cut)) {
                shared_.metrics.count("hearback_http_refused_connections_total",
                                      {{"server", shared_.name}});
                return;
            }
            HTTPServerConnection::run();
        } catch (const Poco::Exception&) {
            // The other side went away, or was cut off.
        } catch (const std::exception& error) {
            base::logError("http", "connection failed", {{"cause", error.what()}});
        }
        shared_.guard.leave(id);
    }

  private:
    Shared& shared_;
};

class ConnectionFactory final : public Poco::Net::TCPServerConnectionFactory {
  public:
    ConnectionFactory(Shared& shared, Poco::Net::HTTPServerParams::Ptr params)
        : shared_(shared), params_(std::move(params)), handlers_(new HandlerFactory(shared)) {}
    Poco::Net::TCPServerConnection*
    createConnection(const Poco::Net::StreamSocket& socket) override {
        return new GuardedConnection(socket, shared_, params_, handlers_); // Poco deletes it
    }

  private:
    Shared& shared_;
    Poco::Net::HTTPServerParams::Ptr params_;
    Poco::Net::HTTPRequestHandlerFactory::Ptr handlers_;
};

Poco::Net::ServerSocket listenOn(const config::HttpSettings& settings) {
    const Poco::Net::SocketAddress address(settings.listen.host, settings.listen.port);
    constexpr int kBacklog = 256;
    if (settings.tls_certificate.empty()) {
        Poco::Net::ServerSocket socket;
        socket.bind(address, true, false); // not the port: two servers would share it
        socket.listen(kBacklog);
        return socket;
    }
    using Poco::Net::Context;
    Context::Ptr context = new Context(Context::TLS_SERVER_USE, settings.tls_key.string(),
                                       settings.tls_certificate.string(), "", Context::VERIFY_NONE);
    context->requireMinimumProtocol(Context::PROTO_TLSV1_2);
    Poco::Net::SecureServerSocket socket(context);
    socket.bind(address, true, false); // not the port: two servers would share it
    socket.listen(kBacklog);
    return socket;
}

} // namespace

struct Server::Impl {
    std::unique_ptr<ServerShared> shared;
    std::unique_ptr<Poco::ThreadPool> threads;
    std::unique_ptr<Poco::Net::TCPServer> server;
    std::string address;
};

Server::Server() : impl_(std::make_unique<Impl>()) {}

Server::~Server() { stop(base::kSecond); }

base::Result<std::unique_ptr<Server>> Server::start(const std::string& name,
                                                    const config::HttpSettings& settings,
                                                    Handler handler, BodyLimit body_limit,
                                                    base::Clock& clock, base::Metrics& metrics) {
    std::unique_ptr<Server> server(new Server);
    Impl& impl = *server->impl_;
    GuardLimits limits;
    limits.connections_per_address = settings.connections_per_address;
    limits.requests_per_minute = settings.requests_per_minute;
    limits.header_timeout = settings.header_timeout_ms * base::kMillisecond;
    impl.shared.reset(new ServerShared{name, std::move(handler), std::move(body_limit),
                                       static_cast<std::size_t>(settings.max_body_bytes), clock,
                                       metrics, ConnectionGuard(clock, limits)});
    const auto threads = static_cast<int>(settings.threads);
    impl.threads = std::make_unique<Poco::ThreadPool>(2, threads);
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(threads);
    params->setMaxQueued(threads * 4);
    params->setTimeout(Poco::Timespan(limits.header_timeout));
    params->setKeepAlive(true);
    params->setKeepAliveTimeout(Poco::Timespan(limits.idle_timeout));
    const std::string where = settings.listen.host + ":" + std::to_string(settings.listen.port);
    try {
        const Poco::Net::ServerSocket socket = listenOn(settings);
        impl.server = std::make_unique<Poco::Net::TCPServer>(
            new ConnectionFactory(*impl.shared, params), *impl.threads, socket, params);
        impl.server->start();
    } catch (const Poco::Exception& error) {
        return base::Error{base::Code::Unavailable, "cannot listen on " + where + ": " +
                                                        error.displayText() +
                                                        " (is the port taken by another program?)"};
    }
    const std::string& host = settings.listen.host;
    impl.address = std::string(settings.tls_certificate.empty() ? "http://" : "https://") +
                   (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" +
                   std::to_string(impl.server->port());
    return server;
}

std::uint16_t Server::port() const { return impl_->server->port(); }

const std::string& Server::address() const { return impl_->address; }

void Server::stop(base::Micros patience) {
    if (!impl_->server) return;
    impl_->server->stop();
    impl_->shared->guard.cutIdle();
    base::Rest rest(impl_->shared->clock);
    const base::Micros deadline = impl_->shared->clock.steady() + patience;
    while (impl_->server->currentConnections() > 0 && impl_->shared->clock.steady() < deadline) {
        impl_->shared->guard.cutIdle();
        rest.wait(10 * base::kMillisecond, {});
    }
    impl_->server.reset();
    impl_->threads->joinAll();
}

} // namespace hearback::http
