// A running `hearback serve` in a folder of its own.
#pragma once

#include "support/http_client.h"
#include "support/process.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <functional>
#include <memory>
#include <string>

namespace hearback::testing {

// Looks until it holds or the patience ends; false then.
bool eventually(const std::function<bool()>& holds,
                std::chrono::milliseconds patience = std::chrono::seconds(30));

class Server {
  public:
    enum class Start { Now, Later };
    // `config` is added to data_dir and the two addresses, `top` stands before them. Waits until it
    // is ready.
    explicit Server(const std::string& config, std::map<std::string, std::string> environment = {},
                    const std::string& top = "", Start start = Start::Now);

    // Runs a command of the program on the same configuration.
    Ended run(std::vector<std::string> words) const;
    nlohmann::json json(std::vector<std::string> words) const;
    nlohmann::json status() const;
    std::int64_t messages() const { return status()["messages"].get<std::int64_t>(); }

    // Without waiting.
    void launch();
    void start();
    // Ends it as a service manager does, and gives what it wrote.
    Ended stop();
    void kill();

    TempFolder folder;
    std::uint16_t port = 0;
    std::uint16_t intake_port = 0;
    std::map<std::string, std::string> environment;
    std::vector<std::string> serve_words; // behind "serve"
    std::unique_ptr<Process> process;
};

// The top of a configuration whose plugins are those in this folder, all of them trusted.
std::string trusting(const TempFolder& plugins);
// What a process has in memory.
std::int64_t residentKib(int process);

} // namespace hearback::testing
