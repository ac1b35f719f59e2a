#include "frames/frame_socket.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

namespace hearback::frames {

namespace {

using base::Code;
using base::Error;

void put(char* into, std::size_t value) {
    for (int i = 0; i < 4; ++i) into[i] = static_cast<char>(value >> (8 * i));
}

std::size_t take(const char* from) {
    std::size_t value = 0;
    for (int i = 0; i < 4; ++i)
        value |= static_cast<std::size_t>(static_cast<unsigned char>(from[i])) << (8 * i);
    return value;
}

Error ended() { return {Code::Cancelled, "the other side has ended the conversation"}; }

} // namespace

FrameSocket::~FrameSocket() { ::close(fd_); }

void FrameSocket::shutDown() { ::shutdown(fd_, SHUT_RDWR); }

void FrameSocket::setPatience(base::Micros patience) {
    timeval limit{};
    limit.tv_sec = patience / base::kSecond;
    limit.tv_usec = patience % base::kSecond;
    ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

base::Result<void> FrameSocket::read(char* into, std::size_t size) {
    while (size > 0) {
        const ssize_t n = ::recv(fd_, into, size, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return ended();
        into += n;
        size -= static_cast<std::size_t>(n);
    }
    return {};
}

base::Result<Frame> FrameSocket::receive() {
    std::array<char, 8> sizes{};
    auto got = read(sizes.data(), sizes.size());
    if (!got) return got.error();
    const std::size_t head_size = take(sizes.data());
    const std::size_t body_size = take(sizes.data() + 4);
    if (head_size == 0 || head_size > kHeadMax || body_size > kBodyMax)
        return Error{Code::Corrupt, "a frame with a head of " + std::to_string(head_size) +
                                        " and a body of " + std::to_string(body_size) + " bytes"};
    std::string head(head_size, '\0');
    got = read(head.data(), head.size());
    if (!got) return got.error();
    Frame frame;
    frame.body.resize(body_size);
    got = read(frame.body.data(), body_size);
    if (!got) return got.error();
    frame.head = nlohmann::json::parse(head, nullptr, false);
    if (!frame.head.is_object())
        return Error{Code::Corrupt, "a frame whose head is no JSON object"};
    return frame;
}

base::Result<void> FrameSocket::send(const nlohmann::json& head, std::string_view body) {
    // Texts of plugins may hold bytes that are no letters.
    const std::string text = head.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (text.size() > kHeadMax || body.size() > kBodyMax)
        return Error{Code::Full, "more than a frame can carry"};
    std::array<char, 8> sizes{};
    put(sizes.data(), text.size());
    put(sizes.data() + 4, body.size());
    std::array<iovec, 3> parts = {iovec{sizes.data(), sizes.size()},
                                  iovec{const_cast<char*>(text.data()), text.size()},
                                  iovec{const_cast<char*>(body.data()), body.size()}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const std::lock_guard lock(sending_);
    while (message.msg_iovlen > 0) {
        const ssize_t n = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            const bool late = errno == EAGAIN || errno == EWOULDBLOCK;
            // Half a frame may be out: nothing that follows could be understood.
            ::shutdown(fd_, SHUT_RDWR);
            return late ? Error{Code::TimedOut, "the other side takes nothing"} : ended();
        }
        auto sent = static_cast<std::size_t>(n);
        while (message.msg_iovlen > 0 && sent >= message.msg_iov->iov_len) {
            sent -= message.msg_iov->iov_len;
            ++message.msg_iov;
            --message.msg_iovlen;
        }
        if (message.msg_iovlen == 0) break;
        message.msg_iov->iov_base = static_cast<char*>(message.msg_iov->iov_base) + sent;
        message.msg_iov->iov_len -= sent;
    }
    return {};
}

} // namespace hearback::frames
