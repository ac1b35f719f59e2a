#include "http/server.h"

#include "http/connection_guard.h"
#include "support/http_client.h"
#include "support/manual_clock.h"

#include <Poco/Net/StreamSocket.h>

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace hearback;
using hearback::testing::HttpClient;
using hearback::testing::ManualClock;

namespace {

// A server that answers with the size of the body, and a raw socket to it.
struct EchoServer {
    explicit EchoServer(const std::function<void(config::HttpSettings&)>& change = {}) {
        config::HttpSettings settings;
        settings.listen = {"127.0.0.1", 0};
        settings.max_body_bytes = 1000;
        settings.header_timeout_ms = 400;
        if (change) change(settings);
        auto started = http::Server::start(
            "test", settings,
            [](const http::Request& request) {
                return http::Reply::text(200, request.method + " " +
                                                  std::to_string(request.body.size()));
            },
            [](const std::string& path) -> std::size_t { return path == "/large" ? 5000 : 0; },
            clock, metrics);
        REQUIRE(started);
        server = std::move(*started);
    }
    Poco::Net::StreamSocket connect() const {
        Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", server->port()));
        socket.setReceiveTimeout(Poco::Timespan(10, 0));
        return socket;
    }
    // Sends bytes and reads until the other side closes.
    std::string exchange(const std::string& bytes) const {
        auto socket = connect();
        socket.sendBytes(bytes.data(), static_cast<int>(bytes.size()));
        return readAll(socket);
    }
    static std::string readAll(Poco::Net::StreamSocket& socket) {
        std::string all;
        char buffer[4096];
        try {
            for (int n = 0; (n = socket.receiveBytes(buffer, sizeof buffer)) > 0;)
                all.append(buffer, static_cast<std::size_t>(n));
        } catch (const Poco::Exception&) {
            all += "<broken off>";
        }
        return all;
    }

    base::SystemClock clock;
    base::Metrics metrics;
    std::unique_ptr<http::Server> server;
};

std::string firstLine(const std::string& text) { return text.substr(0, text.find('\r')); }

} // namespace

TEST_CASE("requests are answered and the connection is kept", "[http]") {
    EchoServer echo;
    HttpClient client("127.0.0.1", echo.server->port());
    for (int i = 0; i < 5; ++i) {
        const auto result = client.post("/", std::string(100, 'x'));
        CHECK(result.status == 200);
        CHECK(result.body == "POST 100\n");
    }
    CHECK(echo.metrics.text().find(
              "hearback_http_requests_total{server=\"test\",status=\"200\"} 5") !=
          std::string::npos);
}

TEST_CASE("a body that is too large is refused however it is sent", "[http]") {
    EchoServer echo;
    HttpClient client("127.0.0.1", echo.server->port());
    CHECK(client.post("/", std::string(1001, 'x')).status == 413);
    CHECK(client.post("/", std::string(1000, 'x')).status == 200);
    CHECK(client.post("/large", std::string(4000, 'x')).status == 200);
    std::string chunked = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (int i = 0; i < 3; ++i) chunked += "190\r\n" + std::string(400, 'x') + "\r\n";
    CHECK(firstLine(echo.exchange(chunked + "0\r\n\r\n")).find(" 413 ") != std::string::npos);
}

TEST_CASE("a request that announces no body has none", "[http]") {
    EchoServer echo([](auto& settings) { settings.header_timeout_ms = 30000; });
    const std::string answer =
        echo.exchange("POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(firstLine(answer) == "HTTP/1.1 200 OK");
    CHECK(answer.find("POST 0") != std::string::npos);
}

TEST_CASE("a body that is shorter than announced is refused", "[http]") {
    EchoServer echo;
    auto socket = echo.connect();
    const std::string request = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nshort";
    socket.sendBytes(request.data(), static_cast<int>(request.size()));
    socket.shutdownSend();
    CHECK(firstLine(EchoServer::readAll(socket)).find(" 400 ") != std::string::npos);
}

TEST_CASE("nonsense is no request and does no harm", "[http]") {
    EchoServer echo;
    for (const std::string& bytes :
         {std::string("\0\0\0\0\r\n\r\n", 8), std::string("GET\r\n\r\n"),
          std::string("POST / HTTP/1.1\r\nContent-Length: -5\r\nConnection: close\r\n\r\n"),
          std::string("GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
          "GET / HTTP/1.1\r\n" + std::string(100000, 'h') + ": x\r\n\r\n"})
        (void)echo.exchange(bytes);
    HttpClient client("127.0.0.1", echo.server->port());
    CHECK(client.get("/").status == 200);
}

TEST_CASE("clients that drip a header are cut off and hold up nobody", "[http]") {
    EchoServer echo([](config::HttpSettings& settings) { settings.threads = 4; });
    std::atomic<bool> stop{false};
    std::vector<std::thread> drips;
    std::atomic<int> cut{0};
    for (int i = 0; i < 4; ++i) {
        drips.emplace_back([&] {
            auto socket = echo.connect();
            const std::string begin = "GET / HTTP/1.1\r\nX-Slow: ";
            socket.sendBytes(begin.data(), static_cast<int>(begin.size()));
            // A byte now and then: each read is quick, the header never ends.
            while (!stop) {
                if (socket.poll(Poco::Timespan(0, 50000), Poco::Net::Socket::SELECT_READ)) {
                    ++cut;
                    return;
                }
                try {
                    socket.sendBytes("a", 1);
                } catch (const Poco::Exception&) {
                    ++cut;
                    return;
                }
            }
        });
    }
    HttpClient client("127.0.0.1", echo.server->port());
    CHECK(client.get("/").status == 200);
    for (int i = 0; i < 200 && cut < 4; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(25));
    CHECK(cut == 4);
    stop = true;
    for (std::thread& drip : drips) drip.join();
}

TEST_CASE("one address has so many connections and others are not refused for it", "[http]") {
    ManualClock clock;
    http::GuardLimits limits;
    limits.connections_per_address = 2;
    http::ConnectionGuard guard(clock, limits);
    CHECK(guard.enter(1, "10.0.0.1", [] {}));
    CHECK(guard.enter(2, "10.0.0.1", [] {}));
    CHECK_FALSE(guard.enter(3, "10.0.0.1", [] {}));
    CHECK(guard.enter(4, "10.0.0.2", [] {}));
    guard.leave(1);
    CHECK(guard.enter(5, "10.0.0.1", [] {}));
}

TEST_CASE("each part of a request has its own deadline", "[http]") {
    ManualClock clock;
    http::GuardLimits limits;
    http::ConnectionGuard guard(clock, limits);
    std::atomic<int> cut{0};
    REQUIRE(guard.enter(1, "a", [&] { ++cut; }));
    guard.cutLate();
    CHECK(cut == 0);
    guard.setPhase(1, http::ConnectionGuard::Phase::Answer);
    clock.advance(base::kHour); // an answer takes as long as it takes
    guard.cutLate();
    CHECK(cut == 0);
    guard.setPhase(1, http::ConnectionGuard::Phase::Body);
    clock.advance(limits.body_timeout + 1);
    guard.cutLate();
    CHECK(cut > 0);
    guard.leave(1);
    guard.setPhase(1, http::ConnectionGuard::Phase::Idle);
}

TEST_CASE("requests over the rate are refused until time has passed", "[http]") {
    ManualClock clock;
    http::GuardLimits limits;
    limits.requests_per_minute = 3;
    http::ConnectionGuard guard(clock, limits);
    CHECK(guard.admit("a"));
    CHECK(guard.admit("a"));
    CHECK(guard.admit("a"));
    CHECK_FALSE(guard.admit("a"));
    CHECK(guard.admit("b"));
    clock.advance(20 * base::kSecond);
    CHECK(guard.admit("a"));
    CHECK_FALSE(guard.admit("a"));
}

TEST_CASE("a server stops while clients keep their connections open", "[http]") {
    EchoServer echo;
    HttpClient client("127.0.0.1", echo.server->port());
    CHECK(client.get("/").status == 200);
    auto idle = echo.connect();
    const auto begun = std::chrono::steady_clock::now();
    echo.server->stop(10 * base::kSecond);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(5));
}

TEST_CASE("a certificate that is not there is an error that names the port", "[http]") {
    config::HttpSettings settings;
    settings.listen = {"127.0.0.1", 0};
    settings.tls_certificate = "/nowhere/cert.pem";
    settings.tls_key = "/nowhere/key.pem";
    base::SystemClock clock;
    base::Metrics metrics;
    const auto started = http::Server::start("test", settings, {}, {}, clock, metrics);
    REQUIRE_FALSE(started);
    CHECK(started.error().message.find("cannot listen on 127.0.0.1:0") != std::string::npos);
}
