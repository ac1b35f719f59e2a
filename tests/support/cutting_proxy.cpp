#include "support/cutting_proxy.h"

#include <array>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace hearback::testing {

namespace {

constexpr int kLookMs = 20; // how soon the end is noticed
constexpr std::string_view kCommit("COMMIT\0", 7);

sockaddr_un addressIn(const std::string& folder) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = folder + "/.s.PGSQL.5432";
    path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    return address;
}

int newSocket() { return ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

std::string readSome(int socket) {
    std::array<char, 65536> buffer{};
    const ssize_t size = ::read(socket, buffer.data(), buffer.size());
    return {buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
}

bool writeAll(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t size = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (size <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

} // namespace

CuttingProxy::CuttingProxy(const std::string& url) {
    const auto host = url.find("?host=");
    const auto name = url.rfind('/', host - 1);
    server_folder_ = url.substr(host + 6);
    database_ = url.substr(name + 1, host - name - 1);
    listener_ = newSocket();
    const sockaddr_un address = addressIn(folder_.path());
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
        ::listen(listener_, 16) != 0)
        throw std::runtime_error("no socket for the proxy");
    acceptor_ = std::jthread([this](const std::stop_token& stop) { accept(stop); });
}

CuttingProxy::~CuttingProxy() {
    acceptor_ = {};
    relays_.clear();
    ::close(listener_);
}

std::string CuttingProxy::url() const {
    return "postgresql://hearback@/" + database_ + "?host=" + folder_.path().string();
}

void CuttingProxy::cutNext(Cut cut, bool for_good) {
    cut_ = cut;
    for_good_ = for_good;
    is_armed_ = true;
}

void CuttingProxy::accept(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        pollfd ready{listener_, POLLIN, 0};
        if (::poll(&ready, 1, kLookMs) <= 0) continue;
        const int client = ::accept(listener_, nullptr, nullptr);
        if (client < 0) continue;
        relays_.emplace_back([this, client](const std::stop_token& end) { relay(client, end); });
    }
}

void CuttingProxy::relay(int client, const std::stop_token& stop) {
    const int server = newSocket();
    const sockaddr_un address = addressIn(server_folder_);
    if (!is_broken_ &&
        ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
        while (!stop.stop_requested() && !is_broken_ && pass(client, server)) {
        }
    }
    ::close(server);
    ::close(client);
}

bool CuttingProxy::pass(int client, int server) {
    std::array<pollfd, 2> ends{{{client, POLLIN, 0}, {server, POLLIN, 0}}};
    if (::poll(ends.data(), ends.size(), kLookMs) <= 0) return true;
    if (ends[1].revents != 0) {
        const std::string bytes = readSome(server);
        if (bytes.empty() || !writeAll(client, bytes)) return false;
    }
    if (ends[0].revents == 0) return true;
    const std::string bytes = readSome(client);
    if (bytes.empty()) return false;
    const bool cuts = bytes.find(kCommit) != std::string::npos && is_armed_.exchange(false);
    if (!cuts) return writeAll(server, bytes);
    is_broken_ = for_good_;
    // The answer says that it is done.
    if (cut_ == Cut::AfterCommit && writeAll(server, bytes)) readSome(server);
    return false;
}

} // namespace hearback::testing
