// A plain HTTP client that keeps its connection.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearback::testing {

struct HttpResult {
    int status = 0; // 0: no answer
    std::map<std::string, std::string> headers;
    std::string body;
};

class HttpClient {
  public:
    HttpClient(const std::string& host, std::uint16_t port);
    ~HttpClient();

    HttpResult get(const std::string& path);
    HttpResult post(const std::string& path, const std::string& body,
                    const std::vector<std::pair<std::string, std::string>>& headers = {});

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

// A port that nobody listens on at the moment.
std::uint16_t freePort();

} // namespace hearback::testing
