#include "support/scripted_server.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace hearback::testing {

namespace {

std::string lowered(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

} // namespace

std::string bodyOf(const std::string& request) {
    const auto end = request.find("\r\n\r\n");
    return end == std::string::npos ? std::string() : request.substr(end + 4);
}

std::string headerOf(const std::string& request, const std::string& name) {
    const std::string head = lowered(request.substr(0, request.find("\r\n\r\n") + 2));
    const std::string wanted = "\r\n" + lowered(name) + ": ";
    const auto at = head.find(wanted);
    if (at == std::string::npos) return {};
    const auto from = at + wanted.size();
    return request.substr(from, head.find("\r\n", from) - from);
}

std::string ScriptedServer::Connection::read(std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
    return bytes;
}

std::string ScriptedServer::Connection::request() {
    for (;;) {
        const auto head_end = rest_.find("\r\n\r\n");
        if (head_end != std::string::npos) {
            const std::string length = headerOf(rest_, "content-length");
            const std::size_t whole = head_end + 4 + (length.empty() ? 0 : std::stoul(length));
            if (rest_.size() >= whole) {
                std::string request = rest_.substr(0, whole);
                rest_.erase(0, whole);
                return request;
            }
        }
        const std::string more = read(1 << 16);
        if (more.empty()) return {};
        rest_ += more;
    }
}

void ScriptedServer::Connection::send(const std::string& bytes) {
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count =
            ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += static_cast<std::size_t>(count);
    }
}

void ScriptedServer::Connection::answer(int status, const std::string& body,
                                        const std::string& headers) {
    send("HTTP/1.1 " + std::to_string(status) + " As said\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
}

void ScriptedServer::Connection::close() { ::shutdown(socket_, SHUT_RDWR); }

void ScriptedServer::Connection::reset() {
    // An empty address puts the connection back into nothing, with a RST on the way.
    sockaddr none{};
    none.sa_family = AF_UNSPEC;
    ::connect(socket_, &none, sizeof none);
}

void ScriptedServer::Connection::waitForEnd() {
    while (!read(1 << 16).empty()) {
    }
}

ScriptedServer::ScriptedServer(Serve serve, const std::string& address)
    : serve_(std::move(serve)), address_(address) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in place{};
    place.sin_family = AF_INET;
    ::inet_pton(AF_INET, address.c_str(), &place.sin_addr);
    socklen_t size = sizeof place;
    auto* generic = reinterpret_cast<sockaddr*>(&place);
    if (listener_ < 0 || ::bind(listener_, generic, size) != 0 || ::listen(listener_, 64) != 0 ||
        ::getsockname(listener_, generic, &size) != 0)
        throw std::runtime_error("no server can be opened on this machine");
    port_ = ntohs(place.sin_port);
    acceptor_ = std::thread([this] { accept(); });
}

ScriptedServer::~ScriptedServer() {
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
        const std::lock_guard lock(mutex_);
        for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    for (const int socket : sockets_) ::close(socket);
    ::close(listener_);
}

void ScriptedServer::accept() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        const int number = ++connections_;
        const std::lock_guard lock(mutex_);
        sockets_.push_back(socket);
        threads_.emplace_back([this, socket, number] {
            Connection connection(socket, number);
            serve_(connection);
            ::shutdown(socket, SHUT_RDWR);
        });
    }
}

std::string ScriptedServer::url(const std::string& path) const {
    return "http://" + address_ + ":" + std::to_string(port_) + path;
}

} // namespace hearback::testing
