#include "integration/server.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <thread>

namespace hearback::testing {

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

std::string trusting(const TempFolder& plugins) {
    return "plugin_dirs = [\"" + plugins.path().string() + "\"]\ntrust = { all = true }\n";
}

std::int64_t residentKib(int process) {
    std::ifstream in("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(in, line);)
        if (line.starts_with("VmRSS:")) return std::stoll(line.substr(6));
    return 0;
}

Server::Server(const std::string& config, std::map<std::string, std::string> env,
               const std::string& top, Start when)
    : port(freePort()), intake_port(freePort()), environment(std::move(env)) {
    folder.write("hearback.toml",
                 top + "data_dir = \"data\"\n[http]\nlisten = \"127.0.0.1:" + std::to_string(port) +
                     "\"\n[intake]\nlisten = \"127.0.0.1:" + std::to_string(intake_port) + "\"\n" +
                     config);
    if (when == Start::Now) start();
}

void Server::launch() {
    std::vector<std::string> all = {hearbackProgram(), "-c", (folder / "hearback.toml").string(),
                                    "serve"};
    all.insert(all.end(), serve_words.begin(), serve_words.end());
    process = std::make_unique<Process>(std::move(all), environment);
}

void Server::start() {
    launch();
    const bool ready = eventually([&] {
        return !process->runs() || HttpClient("127.0.0.1", port).get("/readyz").status == 200;
    });
    INFO(process->err());
    REQUIRE(ready);
    REQUIRE(process->runs());
}

Ended Server::stop() {
    process->signal(SIGTERM);
    return process->wait(std::chrono::seconds(60));
}

void Server::kill() {
    process->signal(SIGKILL);
    (void)process->wait();
}

Ended Server::run(std::vector<std::string> words) const {
    words.insert(words.begin(), {"-c", (folder / "hearback.toml").string()});
    return runHearback(words, environment);
}

nlohmann::json Server::json(std::vector<std::string> words) const {
    words.insert(words.begin(), "--json");
    const Ended ended = run(words);
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    return nlohmann::json::parse(ended.out);
}

nlohmann::json Server::status() const {
    const auto result = HttpClient("127.0.0.1", port).get("/api/v1/status");
    REQUIRE(result.status == 200);
    return nlohmann::json::parse(result.body);
}

} // namespace hearback::testing
