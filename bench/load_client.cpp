#include "load_client.h"

#include "program.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace hearback::bench {

namespace {

struct Connection {
    int fd = -1;
    std::string received;
    double sent_at = 0;
    std::uint64_t answers = 0;
};

int connectTo(std::uint16_t port) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(fd);
        return -1;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

// The size of the first whole answer in the text; 0: it is not whole yet.
std::size_t answerSize(const std::string& text) {
    const auto head = text.find("\r\n\r\n");
    if (head == std::string::npos) return 0;
    std::size_t body = 0;
    const auto length = text.find("Content-Length: ");
    if (length != std::string::npos && length < head)
        body = std::strtoul(text.c_str() + length + 16, nullptr, 10);
    return text.size() >= head + 4 + body ? head + 4 + body : 0;
}

} // namespace

LoadResult runLoad(std::uint16_t port, int connections, const std::vector<std::string>& requests,
                   double seconds) {
    LoadResult result;
    std::vector<double> latencies;
    latencies.reserve(requests.size());
    std::vector<Connection> all(static_cast<std::size_t>(connections));
    const int poll = ::epoll_create1(0);
    std::size_t next = 0;
    const auto send = [&](Connection& connection) {
        if (next >= requests.size()) return;
        const std::string& request = requests[next++];
        connection.sent_at = nowSeconds();
        (void)!::write(connection.fd, request.data(), request.size());
    };
    const double begun = nowSeconds();
    for (std::size_t i = 0; i < all.size(); ++i) {
        all[i].fd = connectTo(port);
        if (all[i].fd < 0) continue;
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.u64 = i;
        ::epoll_ctl(poll, EPOLL_CTL_ADD, all[i].fd, &event);
        send(all[i]);
    }
    std::vector<epoll_event> events(256);
    while (result.answers + result.refused < requests.size() && nowSeconds() - begun < seconds) {
        const int ready = ::epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
        for (int e = 0; e < ready; ++e) {
            Connection& connection = all[events[static_cast<std::size_t>(e)].data.u64];
            char buffer[4096];
            const ssize_t n = ::read(connection.fd, buffer, sizeof buffer);
            if (n <= 0) {
                ::epoll_ctl(poll, EPOLL_CTL_DEL, connection.fd, nullptr);
                continue;
            }
            connection.received.append(buffer, static_cast<std::size_t>(n));
            const std::size_t size = answerSize(connection.received);
            if (size == 0) continue;
            const bool good = connection.received.compare(9, 1, "2") == 0;
            good ? ++result.answers : ++result.refused;
            ++connection.answers;
            latencies.push_back((nowSeconds() - connection.sent_at) * 1000);
            connection.received.erase(0, size);
            send(connection);
        }
    }
    result.seconds = nowSeconds() - begun;
    for (Connection& connection : all) {
        result.starved += connection.answers == 0 ? 1 : 0;
        if (connection.fd >= 0) ::close(connection.fd);
    }
    ::close(poll);
    std::sort(latencies.begin(), latencies.end());
    if (!latencies.empty()) {
        result.p50_ms = latencies[latencies.size() / 2];
        result.p99_ms = latencies[latencies.size() * 99 / 100];
    }
    return result;
}

} // namespace hearback::bench
