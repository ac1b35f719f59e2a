// What history costs: the same import into an empty installation and beside 1 M, 10 M, ... stored
// messages; then, with all of them there, how long the start and what people ask for take. The
// references are the import into the empty one, and a command that asks for nothing.
#include "corpus.h"
#include "program.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hearback::bench;

constexpr std::uint64_t kProbe = 100000;
constexpr std::uint64_t kFileMax = 1000000;
constexpr std::uint16_t kPort = 18080;

class Installation {
  public:
    explicit Installation(std::filesystem::path folder) : folder_(std::move(folder)) {
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
        std::ofstream out(folder_ / "hearback.toml");
        out << "data_dir = \"data\"\n[log]\nlevel = \"warning\"\n[http]\nlisten = \"127.0.0.1:"
            << kPort << "\"\n";
        for (const char* plugin : {"language", "sentiment", "topic", "spam"})
            out << "[[classifier]]\nname = \"" << plugin << "\"\nplugin = \"" << plugin << "\"\n";
        out << "[[sink]]\nname = \"out\"\nplugin = \"file-out\"\nsettings.path = \"out.ndjson\"\n"
               "[[route]]\nname = \"money\"\nsinks = [\"out\"]\n"
               "when = { field = \"topic\", op = \"is\", value = \"billing\" }\n";
    }
    ~Installation() { std::filesystem::remove_all(folder_); }

    std::vector<std::string> command(std::vector<std::string> words) const {
        words.insert(words.begin(), {hearbackProgram(), "-c", folder_ / "hearback.toml"});
        return words;
    }

    // The next messages of the corpus.
    Used import(std::uint64_t count) {
        const std::string file = folder_ / "feedback.ndjson";
        {
            std::ofstream out(file);
            for (const std::uint64_t end = stored_ + count; stored_ < end; ++stored_)
                out << corpusLine(stored_) << '\n';
        }
        const Used used = run(command({"import", "--no-deliver", file}));
        if (used.code != 0) std::exit(1);
        std::filesystem::remove(file);
        return used;
    }

    void fillTo(std::uint64_t messages) {
        while (stored_ < messages) {
            import(std::min(kFileMax, messages - stored_));
            std::fprintf(stderr, "\r%llu stored ", static_cast<unsigned long long>(stored_));
        }
        std::fprintf(stderr, "\r");
    }

    std::uint64_t stored() const { return stored_; }

  private:
    std::filesystem::path folder_;
    std::uint64_t stored_ = 0;
};

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

bool isReady() {
    try {
        Poco::Net::HTTPClientSession session("127.0.0.1", kPort);
        Poco::Net::HTTPRequest request("GET", "/readyz", "HTTP/1.1");
        Poco::Net::HTTPResponse response;
        session.sendRequest(request);
        session.receiveResponse(response);
        return response.getStatus() == Poco::Net::HTTPResponse::HTTP_OK;
    } catch (const Poco::Exception&) {
        return false;
    }
}

void measureStart(const Installation& installation) {
    std::vector<double> seconds;
    double idle_mib = 0;
    for (int round = 0; round < 10; ++round) {
        const double begun = nowSeconds();
        Running server(installation.command({"serve"}));
        while (!isReady() && nowSeconds() - begun < 60)
            std::this_thread::sleep_for(std::chrono::milliseconds(2));
        seconds.push_back(nowSeconds() - begun);
        idle_mib = server.residentMib();
    }
    std::printf("start to ready: p50 %.0f ms, p95 %.0f ms; then %.0f MiB\n",
                quantile(seconds, 0.5) * 1e3, quantile(seconds, 0.95) * 1e3, idle_mib);
}

void measureQueries(const Installation& installation) {
    const std::vector<std::vector<std::string>> asked = {
        {"version"},
        {"report"},
        {"report", "--by", "day", "--since", "2026-01-01"},
        {"report", "--by", "channel,topic", "--since", "2026-01-01"},
        {"report", "--by", "language", "--since", "2026-03-01", "--until", "2026-03-08"},
        {"search", "--limit", "50", "crashes"},
        {"search", "--limit", "50", "\"dark theme\"", "channel:email"},
        {"search", "--limit", "50", "topic:billing", "language:de"},
        {"search", "--limit", "50", "source:nowhere"},
        {"search", "--limit", "50", "parcel", "since:2026-03-01"}};
    std::printf("%-72s %8s %8s\n", "as a command, from its start to its end", "p50 ms", "p95 ms");
    for (const auto& words : asked) {
        std::vector<double> seconds;
        for (int round = 0; round < 20; ++round)
            seconds.push_back(run(installation.command(words)).wall_s);
        std::string text;
        for (const std::string& word : words) text += word + " ";
        std::printf("%-72s %8.0f %8.0f\n", text.c_str(), quantile(seconds, 0.5) * 1e3,
                    quantile(seconds, 0.95) * 1e3);
    }
}

} // namespace

int main(int argc, char** argv) {
    const std::uint64_t most = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1000000;
    Installation installation(argc > 2 ? argv[2] : "/tmp/hearback-bench-history");
    std::printf("%-12s %12s %12s %10s %18s %18s\n", "stored", "messages/s", "CPU us each",
                "peak MiB", "speed / at 0", "CPU at 0 / CPU");
    double first_rate = 0;
    double first_cpu = 0;
    for (std::uint64_t stage = 0; stage <= most; stage = stage == 0 ? 1000000 : stage * 10) {
        installation.fillTo(stage);
        const auto stored = static_cast<unsigned long long>(installation.stored());
        const Used used = installation.import(kProbe);
        const double rate = static_cast<double>(kProbe) / used.wall_s;
        const double cpu = used.cpu_s / static_cast<double>(kProbe) * 1e6;
        if (stage == 0) {
            first_rate = rate;
            first_cpu = cpu;
        }
        std::printf("%-12llu %12.0f %12.1f %10.0f %18.2f %18.2f\n", stored, rate, cpu,
                    used.peak_mib, rate / first_rate, first_cpu / cpu);
        std::fflush(stdout);
    }
    measureStart(installation);
    measureQueries(installation);
    return 0;
}
