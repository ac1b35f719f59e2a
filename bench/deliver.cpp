// From the outbox to a webhook endpoint on this machine, every delivery signed, answered and
// settled. Beside it, in the same run: a client that does nothing but send the same requests, over
// one connection and over sixteen.
#include "corpus.h"
#include "load_client.h"
#include "program.h"

#include <Poco/Net/HTTPRequestHandler.h>
#include <Poco/Net/HTTPRequestHandlerFactory.h>
#include <Poco/Net/HTTPServer.h>
#include <Poco/Net/HTTPServerParams.h>
#include <Poco/Net/HTTPServerRequest.h>
#include <Poco/Net/HTTPServerResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/StreamCopier.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hearback::bench;

// What arrived, kept as it can be sent again.
struct Arrived {
    std::atomic<std::uint64_t> count = 0;
    std::atomic<bool> keeping = true;
    std::mutex mutex;
    std::vector<std::string> requests;
};

class Endpoint final : public Poco::Net::HTTPRequestHandler {
  public:
    explicit Endpoint(Arrived& arrived) : arrived_(arrived) {}
    void handleRequest(Poco::Net::HTTPServerRequest& in,
                       Poco::Net::HTTPServerResponse& out) override {
        std::string body;
        Poco::StreamCopier::copyToString(in.stream(), body);
        if (arrived_.keeping) {
            std::string request = "POST /hook HTTP/1.1\r\n";
            for (const auto& [name, value] : in) request += name + ": " + value + "\r\n";
            const std::lock_guard lock(arrived_.mutex);
            arrived_.requests.push_back(request + "\r\n" + body);
        }
        ++arrived_.count;
        out.setStatus(Poco::Net::HTTPResponse::HTTP_NO_CONTENT);
        out.setContentLength(0);
        out.send();
    }

  private:
    Arrived& arrived_;
};

class EndpointFactory final : public Poco::Net::HTTPRequestHandlerFactory {
  public:
    explicit EndpointFactory(Arrived& arrived) : arrived_(arrived) {}
    Poco::Net::HTTPRequestHandler*
    createRequestHandler(const Poco::Net::HTTPServerRequest&) override {
        return new Endpoint(arrived_); // Poco deletes it
    }

  private:
    Arrived& arrived_;
};

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 30000;
    const std::filesystem::path folder = argc > 2 ? argv[2] : "/tmp/hearback-bench-deliver";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    Arrived arrived;
    Poco::Net::HTTPServerParams::Ptr params = new Poco::Net::HTTPServerParams;
    params->setMaxThreads(32);
    params->setMaxKeepAliveRequests(0);
    Poco::Net::ServerSocket socket(Poco::Net::SocketAddress("127.0.0.1", 0));
    Poco::Net::HTTPServer endpoint(new EndpointFactory(arrived), socket, params);
    endpoint.start();
    const std::string address = socket.address().toString();

    ::setenv("HOOK_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBiZW5jaG1hcms=", 1);
    std::ofstream(folder / "hearback.toml")
        << "data_dir = \"data\"\n[log]\nlevel = \"warning\"\n[egress]\nallow = [\"" << address
        << "\"]\n[http]\nlisten = \"127.0.0.1:18083\"\n[intake]\nlisten = \"127.0.0.1:18084\"\n"
           "[[sink]]\nname = \"hook\"\nplugin = \"webhook-out\"\nsettings.url = \"http://"
        << address
        << "/hook\"\nsettings.secret = \"env:HOOK_SECRET\"\n"
           "[[route]]\nname = \"all\"\nsinks = [\"hook\"]\n";
    {
        std::ofstream out(folder / "feedback.ndjson");
        for (std::uint64_t i = 0; i < count; ++i) out << corpusLine(i * 100) << '\n'; // no repeats
    }
    const std::string config = folder / "hearback.toml";
    const Used imported = run(
        {hearbackProgram(), "-c", config, "import", "--no-deliver", folder / "feedback.ndjson"});
    if (imported.code != 0) return 1;

    std::printf("deliver: %llu messages to a webhook endpoint\n",
                static_cast<unsigned long long>(count));
    Running server({hearbackProgram(), "-c", config, "serve"});
    const auto waitFor = [&](std::uint64_t least) {
        const double deadline = nowSeconds() + 120;
        while (arrived.count < least && nowSeconds() < deadline)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        return nowSeconds();
    };
    // The first ones keep what is sent again by the reference; the clock runs for the rest.
    const std::uint64_t first = count / 3;
    waitFor(first);
    arrived.keeping = false;
    const std::uint64_t begun_at = arrived.count;
    const double begun = nowSeconds();
    const double ended = waitFor(count);
    const double ours = static_cast<double>(arrived.count - begun_at) / (ended - begun);
    const Used used = server.stop();
    std::printf("%-28s %12s %8s\n", "sender", "requests/s", "ratio");
    std::printf("%-28s %12.0f\n", "hearback", ours);
    for (const int connections : {1, 16}) {
        const LoadResult result =
            runLoad(socket.address().port(), connections, arrived.requests, 60);
        std::printf("client, %2d connection(s)      %12.0f %8.2f\n", connections,
                    result.perSecond(), ours / result.perSecond());
    }
    endpoint.stopAll(true);
    std::filesystem::remove_all(folder);
    return used.code;
}
