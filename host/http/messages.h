// A request and its answer, as handlers see them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
    std::string method;
    std::string path;  // decoded
    std::string query; // as it came
    Headers headers;
    std::string body;
    std::string remote; // address of the other side
};

struct Reply {
    int status = 200;
    Headers headers;
    std::string body;

    static Reply text(int status, std::string_view body) {
        return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::string(body) + "\n"};
    }
    static Reply json(int status, std::string body) {
        return {status, {{"Content-Type", "application/json"}}, std::move(body)};
    }
};

using Handler = std::function<Reply(const Request&)>;
// How large the body of a request to a path may be; 0: the server's default.
using BodyLimit = std::function<std::size_t(const std::string& path)>;

} // namespace hearback::http
