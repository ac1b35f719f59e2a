// The client against real sockets: a server whose behaviour each test writes.
#include "egress/http_client.h"
#include "support/manual_clock.h"
#include "support/scripted_server.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <latch>
#include <sys/socket.h>
#include <unistd.h>

using namespace hearback;
using base::Code;
using Catch::Matchers::Contains;
using egress::EgressGuard;
using egress::EgressRules;
using egress::HttpClient;
using hearback::testing::bodyOf;
using hearback::testing::headerOf;
using hearback::testing::ManualClock;
using hearback::testing::ScriptedServer;
using Connection = ScriptedServer::Connection;

namespace {

const std::function<bool()> kNever = [] { return false; };

egress::Sender anybody() {
    return {"it", [](const std::string&) { return base::Result<void>(); },
            [](std::string_view text) { return std::string(text); }};
}

v1::HttpRequest get(const std::string& url) {
    v1::HttpRequest request;
    request.set_url(url);
    return request;
}
v1::HttpRequest post(const std::string& url, const std::string& body) {
    v1::HttpRequest request = get(url);
    request.set_method("POST");
    request.set_body(body);
    return request;
}

struct Client {
    explicit Client(egress::HttpOptions options = {}, egress::Resolve resolve = thisMachine)
        : http(EgressGuard(EgressRules{{"127.0.0.1", "localhost", "a.example", "b.example"}, {}},
                           std::move(resolve)),
               clock, std::move(options)) {}

    base::Result<v1::HttpResponse> send(const v1::HttpRequest& request,
                                        const std::function<bool()>& cancelled = kNever) {
        return http.send(request, anybody(), cancelled);
    }
    // Names lead here, wherever they would.
    static std::vector<std::string> thisMachine(const std::string&) { return {"127.0.0.1"}; }

    ManualClock clock;
    HttpClient http;
};

// Answers everything, on as many connections as are made, with what was asked for.
void echo(Connection& connection) {
    for (std::string request = connection.request(); !request.empty();
         request = connection.request())
        connection.answer(200, request.substr(0, request.find('\r')) + "|" + bodyOf(request));
}

// A listener that takes no more connections: the next one is never answered.
class FullListener {
  public:
    FullListener() {
        ScriptedServer probe([](Connection&) {});
        port_ = probe.port();
        listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
        place_ = {};
        place_.sin_family = AF_INET;
        place_.sin_port = 0;
        place_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof place_;
        REQUIRE(::bind(listener_, generic(), size) == 0);
        REQUIRE(::listen(listener_, 0) == 0);
        REQUIRE(::getsockname(listener_, generic(), &size) == 0);
        port_ = ntohs(place_.sin_port);
        for (int i = 0; i < 4; ++i) {
            waiting_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
            (void)::connect(waiting_.back(), generic(), sizeof place_);
        }
    }
    ~FullListener() {
        for (const int socket : waiting_) ::close(socket);
        ::close(listener_);
    }
    std::uint16_t port() const { return port_; }

  private:
    sockaddr* generic() { return reinterpret_cast<sockaddr*>(&place_); }
    sockaddr_in place_{};
    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::vector<int> waiting_;
};

std::chrono::milliseconds took(const std::function<void()>& work) {
    const auto begun = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 begun);
}

} // namespace

TEST_CASE("a connection is kept for the next request to the same place", "[http]") {
    ScriptedServer server(echo);
    Client client;
    for (int i = 0; i < 20; ++i) {
        const auto answer = client.send(post(server.url("/x"), std::to_string(i)));
        REQUIRE(answer);
        CHECK(answer->body() == "POST /x HTTP/1.1|" + std::to_string(i));
    }
    CHECK(server.connections() == 1);
    // Another name is another place, whatever address it leads to.
    REQUIRE(client.send(get("http://localhost:" + std::to_string(server.port()) + "/")));
    CHECK(server.connections() == 2);
    client.clock.advance(31 * base::kSecond);
    REQUIRE(client.send(get(server.url())));
    CHECK(server.connections() == 3);
}

TEST_CASE("a connection is not kept where the other side does not want it", "[http]") {
    const std::string head = GENERATE(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=1\r\n\r\nok",
        // More than was announced: the rest would be taken for the next answer.
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nTrailer: x\r\n\r\n");
    ScriptedServer server([&](Connection& connection) {
        while (!connection.request().empty()) connection.send(head);
    });
    Client client;
    for (int i = 0; i < 3; ++i) {
        const auto answer = client.send(get(server.url()));
        REQUIRE(answer);
        CHECK(answer->body() == "ok");
    }
    CHECK(server.connections() == 3);
}

TEST_CASE("so many connections to one host and so many in all and the next one waits", "[http]") {
    std::latch both(2);
    std::promise<void> go;
    std::shared_future<void> going = go.get_future().share();
    ScriptedServer server([&](Connection& connection) {
        while (!connection.request().empty()) {
            if (connection.number <= 2) both.count_down();
            going.wait();
            connection.answer(200, "ok");
        }
    });
    egress::HttpOptions options;
    options.pool.per_host = 2;
    options.pool.in_all = 2;
    Client client(options);
    std::vector<std::future<bool>> answers;
    for (int i = 0; i < 8; ++i)
        answers.push_back(std::async(
            std::launch::async, [&] { return static_cast<bool>(client.send(get(server.url()))); }));
    both.wait();
    // There is no room, and no other host's connection that could make some.
    int looks = 0;
    const auto refused = client.send(get("http://localhost:" + std::to_string(server.port())),
                                     [&] { return ++looks > 2; });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Cancelled);
    CHECK(server.connections() == 2);
    go.set_value();
    for (auto& answer : answers) CHECK(answer.get());
    CHECK(server.connections() == 2);
    // One that waits makes room for another host.
    CHECK(client.send(get("http://localhost:" + std::to_string(server.port()))));
    CHECK(server.connections() == 3);
}

TEST_CASE("what the other side closed meanwhile is noticed before anything is sent", "[http]") {
    std::promise<void> closed;
    ScriptedServer server([&](Connection& connection) {
        (void)connection.request();
        connection.answer(200, "ok");
        if (connection.number > 1) return echo(connection);
        connection.close();
        closed.set_value();
    });
    Client client;
    REQUIRE(client.send(post(server.url(), "1")));
    closed.get_future().wait();
    const auto answer = client.send(post(server.url(), "2"));
    CHECK(answer);
    CHECK(server.connections() == 2);
}

TEST_CASE("a request on a connection that ends under it is sent again where that is safe",
          "[http]") {
    struct Case {
        std::string method;
        std::string body;
        bool reset; // so that sending fails
        bool is_retried;
    };
    const Case each = GENERATE(Case{"GET", "", false, true}, Case{"DELETE", "", false, true},
                               Case{"PUT", "x", false, true}, Case{"POST", "x", false, false},
                               Case{"PATCH", "x", false, false},
                               Case{"POST", std::string(32 << 20, 'x'), true, true});
    INFO(each.method << " " << each.body.size());
    std::atomic<int> second{0};
    ScriptedServer server([&](Connection& connection) {
        (void)connection.request();
        connection.answer(200, "first");
        if (connection.number > 1) return echo(connection);
        // The second one on the first connection: taken, and not answered.
        (void)(each.reset ? connection.read(1) : connection.request());
        ++second;
        if (each.reset) connection.reset();
    });
    Client client;
    REQUIRE(client.send(get(server.url())));
    v1::HttpRequest request = get(server.url("/again"));
    request.set_method(each.method);
    request.set_body(each.body);
    const auto answer = client.send(request);
    CHECK(second == 1);
    if (each.is_retried) {
        REQUIRE(answer);
        CHECK(answer->body() == "first");
        CHECK(server.connections() == 2);
    } else {
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == Code::Unclear);
        CHECK(server.connections() == 1);
    }
}

TEST_CASE("a request that fails on a fresh connection is not sent again", "[http]") {
    ScriptedServer server([](Connection& connection) { (void)connection.request(); });
    Client client;
    const auto answer = client.send(get(server.url()));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::Unclear);
    CHECK(server.connections() == 1);
}

TEST_CASE("an answer that comes before the whole request is read", "[http]") {
    ScriptedServer server([](Connection& connection) {
        (void)connection.read(100);
        connection.answer(413, "too much", "Connection: close\r\n");
        connection.waitForEnd();
    });
    Client client;
    const auto answer = client.send(post(server.url(), std::string(8 << 20, 'x')));
    REQUIRE(answer);
    CHECK(answer->status() == 413);
    CHECK(answer->body() == "too much");
}

TEST_CASE("an answer that is cut off is none", "[http]") {
    const std::string cut =
        GENERATE("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n",
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsho",
                 "HTTP/1.1 200 OK\r\nContent-Le");
    ScriptedServer server([&](Connection& connection) {
        (void)connection.request();
        connection.send(cut);
    });
    Client client;
    const auto answer = client.send(get(server.url()));
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::Unclear);
}

TEST_CASE("a head without end is bounded", "[http]") {
    ScriptedServer server([](Connection& connection) {
        (void)connection.request();
        connection.send("HTTP/1.1 200 OK\r\n");
        for (int i = 0; i < 100000; ++i) connection.send("X-" + std::to_string(i) + ": y\r\n");
        connection.waitForEnd();
    });
    Client client;
    CHECK_FALSE(client.send(get(server.url())));
}

TEST_CASE("the first address that takes the connection is taken", "[http]") {
    ScriptedServer server(echo);
    Client client({}, [](const std::string&) {
        return std::vector<std::string>{"::1", "127.0.0.2", "127.0.0.1"};
    });
    const std::string url = "http://a.example:" + std::to_string(server.port()) + "/";
    REQUIRE(client.send(get(url)));
    REQUIRE(client.send(get(url)));
    CHECK(server.connections() == 1);
    // None takes it: nothing can have been sent.
    const FullListener full;
    int looks = 0;
    const auto refused = client.send(get("http://b.example:1/"), [&] { return ++looks > 1000; });
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Unavailable);
}

TEST_CASE("a cancelled call returns at once whatever it waits for", "[http]") {
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    const FullListener full;
    ScriptedServer silent([](Connection& connection) { connection.waitForEnd(); });
    ScriptedServer dripping([](Connection& connection) {
        (void)connection.request();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun");
        connection.waitForEnd();
    });
    ScriptedServer deaf([&](Connection&) { released.wait(); });
    Client client({}, [released](const std::string& host) {
        if (host == "b.example") released.wait();
        return std::vector<std::string>{"127.0.0.1"};
    });
    const auto at = [](const char* scheme, std::uint16_t port) {
        return std::string(scheme) + "://a.example:" + std::to_string(port) + "/";
    };
    const std::vector<std::pair<const char*, v1::HttpRequest>> waits = {
        {"looking up", get("http://b.example/")},
        {"connecting", get(at("http", full.port()))},
        {"connecting for TLS", get(at("https", full.port()))},
        {"shaking hands", get(at("https", silent.port()))},
        {"sending", post(at("http", deaf.port()), std::string(64 << 20, 'x'))},
        {"waiting for the answer", get(at("http", silent.port()))},
        {"reading the answer", get(at("http", dripping.port()))}};
    for (const auto& each : waits) {
        const v1::HttpRequest& request = each.second;
        INFO(each.first);
        std::chrono::steady_clock::time_point cancelled_at;
        int looks = 0;
        const auto answer = client.send(request, [&] {
            if (++looks < 4) return false;
            if (looks == 4) cancelled_at = std::chrono::steady_clock::now();
            return true;
        });
        const auto late = std::chrono::steady_clock::now() - cancelled_at;
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == Code::Cancelled);
        CHECK(looks >= 4);
        CHECK(late < std::chrono::seconds(2));
        // And it looks often enough.
        CHECK(took([&] { (void)client.send(request, [n = 0]() mutable { return ++n > 2; }); }) <
              std::chrono::seconds(2));
    }
    release.set_value();
}

TEST_CASE("the time limit holds whatever is waited for", "[http]") {
    std::promise<void> release;
    std::shared_future<void> released = release.get_future().share();
    const FullListener full;
    ScriptedServer silent([](Connection& connection) { connection.waitForEnd(); });
    ScriptedServer dripping([](Connection& connection) {
        (void)connection.request();
        connection.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun");
        connection.waitForEnd();
    });
    Client client({}, [released](const std::string& host) {
        if (host == "b.example") released.wait();
        return std::vector<std::string>{"127.0.0.1"};
    });
    struct Wait {
        const char* name;
        std::string url;
        Code code;
    };
    const auto at = [](const char* scheme, std::uint16_t port) {
        return std::string(scheme) + "://a.example:" + std::to_string(port) + "/";
    };
    for (const Wait& wait : {Wait{"looking up", "http://b.example/", Code::TimedOut},
                             Wait{"connecting", at("http", full.port()), Code::TimedOut},
                             Wait{"shaking hands", at("https", silent.port()), Code::TimedOut},
                             Wait{"the answer", at("http", silent.port()), Code::Unclear},
                             Wait{"its body", at("http", dripping.port()), Code::Unclear}}) {
        INFO(wait.name);
        v1::HttpRequest request = get(wait.url);
        request.set_timeout_ms(60000);
        // The time goes on with every look.
        int looks = 0;
        const auto answer = client.send(request, [&] {
            ++looks;
            client.clock.advance(9 * base::kSecond);
            return false;
        });
        REQUIRE_FALSE(answer);
        CHECK(answer.error().code == wait.code);
        CHECK(looks <= 8);
    }
    release.set_value();
}

TEST_CASE("a redirect is checked like the first address and takes no credentials along", "[http]") {
    std::string seen;
    ScriptedServer other([&](Connection& connection) {
        seen = connection.request();
        connection.answer(200, "there");
    });
    std::string location;
    ScriptedServer server([&](Connection& connection) {
        while (!connection.request().empty())
            connection.answer(302, "", "Location: " + location + "\r\n");
    });
    Client client;
    v1::HttpRequest request = get(server.url());
    for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "PRIVATE-TOKEN", "Accept"}) {
        auto& header = *request.add_headers();
        header.set_name(name);
        header.set_value("told");
    }
    location = other.url("/next");
    const auto answer = client.send(request);
    REQUIRE(answer);
    CHECK(answer->body() == "there");
    CHECK(answer->url() == other.url("/next"));
    CHECK(headerOf(seen, "Accept") == "told");
    for (const char* name : {"Authorization", "Cookie", "X-Api-Key", "PRIVATE-TOKEN"})
        CHECK(headerOf(seen, name).empty());
    const auto refusal = [&](const std::string& to) {
        location = to;
        const auto refused = client.send(request);
        return refused ? std::string() : refused.error().message;
    };
    CHECK_THAT(refusal("http://10.0.0.1/"), Contains("without encryption"));
    CHECK_THAT(refusal("https://10.0.0.1/"), Contains("is asked at port 443"));
    CHECK_THAT(refusal("https://user@a.example/"), Contains("no http address"));
    CHECK_THAT(refusal("ftp://a.example/"), Contains("no http address"));
    CHECK_THAT(refusal(server.url("/round")), Contains("circle"));
}

TEST_CASE("public hosts are asked at the ports that are allowed", "[http]") {
    ManualClock clock;
    const egress::Patience patience(clock, base::kMinute, kNever);
    const auto resolve = [](const std::string& host) {
        return std::vector<std::string>{host == "inside.example" ? "192.168.1.1" : "93.184.216.34"};
    };
    const auto admits = [&](const EgressRules& rules, const std::string& url) {
        const auto target = egress::parseUrl(url);
        REQUIRE(target);
        return static_cast<bool>(EgressGuard(rules, resolve).admit(*target, patience));
    };
    const EgressRules rules;
    CHECK(admits(rules, "https://example.org/"));
    CHECK(admits(rules, "https://example.org:8443/"));
    CHECK_FALSE(admits(rules, "https://example.org:22/"));
    CHECK_FALSE(admits(rules, "https://example.org:6379/"));
    CHECK_FALSE(admits(rules, "https://inside.example/"));
    CHECK_FALSE(admits(rules, "http://example.org/"));
    CHECK(admits({{}, {9443}}, "https://example.org:9443/"));
    CHECK_FALSE(admits({{}, {9443}}, "https://example.org/"));
    // Named, a host is exempt, at this port or at any.
    CHECK(admits({{"inside.example:9000"}, {443}}, "http://inside.example:9000/"));
    CHECK_FALSE(admits({{"inside.example:9000"}, {443}}, "http://inside.example:9001/"));
    CHECK(admits({{"Inside.Example"}, {443}}, "http://inside.example:9001/"));
}

TEST_CASE("the sender is asked for every host on the way", "[http]") {
    ScriptedServer server([&](Connection& connection) {
        while (!connection.request().empty())
            connection.answer(302, "", "Location: http://b.example:8080/\r\n");
    });
    Client client;
    std::vector<std::string> asked;
    egress::Sender sender = anybody();
    sender.permit = [&](const std::string& host) -> base::Result<void> {
        asked.push_back(host);
        if (host == "b.example") return base::Error{Code::Unsupported, "not there"};
        return {};
    };
    const auto answer = client.http.send(get(server.url()), sender, kNever);
    REQUIRE_FALSE(answer);
    CHECK(answer.error().code == Code::Unsupported);
    CHECK(asked == std::vector<std::string>{"127.0.0.1", "b.example"});
}

TEST_CASE("a redirect to a name that leads into the network is refused", "[http]") {
    int reached = 0;
    ScriptedServer inside([&](Connection& connection) {
        ++reached;
        (void)connection.request();
        connection.answer(200, "secrets of the network");
    });
    ScriptedServer server([&](Connection& connection) {
        while (!connection.request().empty())
            connection.answer(302, "", "Location: https://metadata.example:8443/latest\r\n");
    });
    const EgressRules rules{{"a.example"}, {8443}};
    ManualClock clock;
    HttpClient http(EgressGuard(rules, Client::thisMachine), clock);
    const auto refused = http.send(get("http://a.example:" + std::to_string(server.port()) + "/"),
                                   anybody(), kNever);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Code::Invalid);
    CHECK_THAT(refused.error().message,
               Contains("metadata.example leads to the private address 127.0.0.1"));
    CHECK(reached == 0);
}

TEST_CASE("a name that leads elsewhere the second time leads nowhere", "[http]") {
    // Listens at another loopback address only: reached where that one was resolved.
    ScriptedServer server(echo, "127.0.0.2");
    std::vector<std::string> lookups;
    std::vector<std::vector<std::string>> answers;
    const auto resolve = [&](const std::string& host) {
        lookups.push_back(host);
        return answers.at(lookups.size() - 1);
    };
    ManualClock clock;
    HttpClient http(EgressGuard(EgressRules{{"a.example"}, {443}}, resolve), clock);
    const std::string url = "http://a.example:" + std::to_string(server.port()) + "/";
    // One look for each request: what was admitted is what is connected to.
    answers = {{"127.0.0.2"}, {"127.0.0.1"}, {"93.184.216.34", "127.0.0.1"}};
    REQUIRE(http.send(get(url), anybody(), kNever));
    CHECK(lookups.size() == 1);
    // The kept connection is to an address that the name does not have any more.
    CHECK_FALSE(http.send(get(url), anybody(), kNever));
    CHECK(server.connections() == 1);
    // One private address among public ones is one too many.
    const auto refused = http.send(get("https://rebound.example/"), anybody(), kNever);
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Contains("private address 127.0.0.1"));
}

TEST_CASE("an answer is as large as is allowed", "[http]") {
    const std::string body(100, 'x');
    const bool chunked = GENERATE(false, true);
    ScriptedServer server([&](Connection& connection) {
        (void)connection.request();
        connection.send(chunked ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n" +
                                      body + "\r\n0\r\n\r\n"
                                : "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + body);
    });
    Client client;
    v1::HttpRequest request = get(server.url());
    request.set_max_response_bytes(100);
    const auto whole = client.send(request);
    REQUIRE(whole);
    CHECK(whole->body() == body);
    request.set_max_response_bytes(99);
    const auto cut = client.send(request);
    REQUIRE_FALSE(cut);
    CHECK(cut.error().code == Code::Full);
}
