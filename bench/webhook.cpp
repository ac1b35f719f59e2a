// From a signed webhook to its 2xx, which comes after the commit. Beside it, in the same run: the
// HTTP library's own server with an empty handler and as many threads, asked by the same client.
#include "corpus.h"
#include "load_client.h"
#include "program.h"

#include "hearback/signatures/signatures.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Thread.h>
#include <Poco/ThreadPool.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <vector>

namespace {

using namespace hearback::bench;

constexpr int kThreads = 600;

// Reads the body, answers 204: what any handler must do at least.
class EmptyHandler final : public Poco::Net::HTTPRequestHandler {
  public:
    void handleRequest(Poco::Net::HTTPServerRequest& in,
                       Poco::Net::HTTPServerResponse& out) override {
        char buffer[4096];
        while (in.stream().read(buffer, sizeof buffer) || in.stream().gcount() > 0) {
        }
        out.setStatusAndReason(Poco::Net::HTTPResponse::HTTP_NO_CONTENT);
        out.setContentLength(0);
        out.send();
    }
};

class EmptyFactory final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    Poco::Net::HTTPRequestHandler*
    createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
        return new EmptyHandler; // Poco deletes it
    }
};

std::vector<std::string> signedRequests(std::uint64_t first, std::uint64_t count) {
    const std::string key = "a shared secret";
    const std::int64_t now = std::time(nullptr);
    std::vector<std::string> requests;
    for (std::uint64_t i = first; i < first + count; ++i) {
        const std::string body = corpusLine(i * 100); // no repeats
        const std::string id = "delivery-" + std::to_string(i);
        requests.push_back(
            "POST /in/shop HTTP/1.1\r\nHost: localhost\r\nConnection: Keep-Alive\r\n"
            "Content-Type: application/json\r\nwebhook-id: " +
            id + "\r\nwebhook-timestamp: " + std::to_string(now) + "\r\nwebhook-signature: " +
            hearback::signatures::standardSignature(key, id, now, body) +
            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    }
    return requests;
}

void print(const char* what, int connections, const LoadResult& result) {
    std::printf("%-10s %6d %12.0f %9.1f %9.1f %9llu %9llu\n", what, connections, result.perSecond(),
                result.p50_ms, result.p99_ms, static_cast<unsigned long long>(result.refused),
                static_cast<unsigned long long>(result.starved));
}

bool listens(std::uint16_t port) {
    try {
        const Poco::Net::StreamSocket socket(Poco::Net::SocketAddress("127.0.0.1", port));
        return true;
    } catch (const Poco::Exception&) {
        return false;
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 60000;
    const std::filesystem::path folder = argc > 2 ? argv[2] : "/tmp/hearback-bench-webhook";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    const std::uint16_t port = 18081;
    std::ofstream(folder / "hearback.toml")
        << "data_dir = \"data\"\n[log]\nlevel = \"warning\"\n[http]\nlisten = \"127.0.0.1:18080\"\n"
           "[intake]\nlisten = \"127.0.0.1:"
        << port << "\"\nthreads = " << kThreads
        << "\nconnections_per_address = 1000\n"
           "[[source]]\nname = \"shop\"\nplugin = \"webhook\"\nsettings.secret = \"file:secret\"\n";
    std::ofstream(folder / "secret") << "a shared secret\n";

    std::printf("webhook: %llu signed posts of about 380 bytes, %d server threads\n",
                static_cast<unsigned long long>(count), kThreads);
    std::printf("%-10s %6s %12s %9s %9s %9s %9s\n", "server", "conns", "answers/s", "p50 ms",
                "p99 ms", "refused", "starved");
    Poco::ThreadPool pool(2, kThreads);
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(kThreads);
    params->setMaxQueued(kThreads * 4);
    params->setMaxKeepAliveRequests(0);
    Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    Poco::Net::HTTPServer empty(new EmptyFactory, pool, socket, params);
    empty.start();
    Running server({hearbackProgram(), "-c", (folder / "hearback.toml").string(), "serve"});
    for (int i = 0; i < 500 && !listens(port); ++i) Poco::Thread::sleep(10);
    std::printf("idle memory %.0f MiB\n", server.residentMib());
    std::uint64_t first = 0;
    for (const int connections : {64, 512}) {
        const auto ours = signedRequests(first, count);
        first += count;
        const LoadResult reference = runLoad(socket.address().port(), connections, ours, 60);
        const LoadResult result = runLoad(port, connections, ours, 120);
        print("empty", connections, reference);
        print("hearback", connections, result);
        std::printf("ratio at %d connections: %.3f\n", connections,
                    result.perSecond() / reference.perSecond());
    }
    const Used used = server.stop();
    std::printf("peak memory %.0f MiB\n", used.peak_mib);
    empty.stopAll(true);
    std::filesystem::remove_all(folder);
    return used.code;
}
