#include "egress/http_connection.h"

#include <Poco/Exception.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SecureStreamSocketImpl.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <cerrno>
#include <poll.h>
#include <utility>

namespace hearback::egress {

namespace {

using Poco::Net::SecureStreamSocket;
using Poco::Net::SecureStreamSocketImpl;
using Poco::Net::StreamSocketImpl;

constexpr int kHeaderFieldsMax = 200;

// A socket that never blocks for longer than a slice. Poco's own waits with one time limit and
// cannot be called back.
template <class Base, class Wire>
class PatientSocket final : public Base {
  public:
    template <class... Words>
    explicit PatientSocket(Wire& wire, Words&&... words)
        : Base(std::forward<Words>(words)...), wire_(wire) {}

    using Base::receiveBytes;
    using Base::sendBytes;

    void connectWithin(const Poco::Net::SocketAddress& address) {
        this->connectNB(address);
        (void)wire_.patience->await(this->sockfd(), POLLOUT);
        if (const int error = this->socketError()) Base::error(error, address.toString());
        this->setNoDelay(true);
    }

    void handshakeWithin(const std::string& host) {
        this->setPeerHostName(host);
        this->setLazyHandshake(true);
        this->connectSSL();
        for (int done = this->completeHandshake(); done <= 0; done = this->completeHandshake()) {
            if (done == 0) throw Poco::IOException("the other side closed");
            (void)wire_.patience->await(this->sockfd(), eventsFor(done, POLLIN));
        }
        // completeHandshake() checks the chain of certificates, not the name (Poco 1.11).
        this->verifyPeerCertificate(host);
    }

    int receiveBytes(void* buffer, int size, int flags) override {
        for (;;) {
            const int count = Base::receiveBytes(buffer, size, flags);
            if (count == 0) wire_.at_end = true;
            if (count > 0) wire_.received += static_cast<std::size_t>(count);
            if (count >= 0) return count;
            (void)wire_.patience->await(this->sockfd(), eventsFor(count, POLLIN));
        }
    }

    // Says that everything was sent where it was not: Poco would connect again by itself, to
    // another place than the one that was admitted.
    int sendBytes(const void* buffer, int size, int flags) override {
        const char* at = static_cast<const char*>(buffer);
        for (int left = size; left > 0 && !wire_.failed_to_send;) {
            const int count = trySend(at, left, flags);
            if (count > 0) {
                wire_.sent += static_cast<std::size_t>(count);
                at += count;
                left -= count;
            } else if (!wire_.failed_to_send) {
                awaitRoom(count);
            }
        }
        return size;
    }

  private:
    // A TLS connection may have to read before it can write, and the other way round.
    static short eventsFor(int answer, short otherwise) {
        if (!std::is_same_v<Base, SecureStreamSocketImpl>) return otherwise;
        if (answer == SecureStreamSocket::ERR_SSL_WANT_READ) return POLLIN;
        return answer == SecureStreamSocket::ERR_SSL_WANT_WRITE ? POLLOUT : otherwise;
    }

    // Where the other side closed, or answers already, it will read no more.
    void awaitRoom(int answer) {
        constexpr bool is_plain = !std::is_same_v<Base, SecureStreamSocketImpl>;
        const short wanted = eventsFor(answer, POLLOUT);
        const short early = is_plain ? POLLIN | POLLRDHUP : POLLRDHUP;
        const short seen =
            wire_.patience->await(this->sockfd(), static_cast<short>(wanted | early));
        wire_.failed_to_send = (seen & wanted) == 0;
    }

    int trySend(const char* from, int size, int flags) {
        try {
            return Base::sendBytes(from, size, flags);
        } catch (const Poco::Exception& error) {
            // Poco 1.11 also throws where there is no room at the moment.
            wire_.failed_to_send = error.code() != EAGAIN && error.code() != EWOULDBLOCK;
            return 0;
        }
    }

    Wire& wire_;
};

} // namespace

short Patience::await(int socket, short events) const {
    for (;;) {
        if (isOver()) throw Poco::TimeoutException();
        pollfd wanted{socket, events, 0};
        if (::poll(&wanted, 1, static_cast<int>(kSlice / base::kMillisecond)) > 0)
            return wanted.revents;
    }
}

// What the socket knows of the exchange, and how long it may wait.
struct HttpConnection::Wire {
    const Patience* patience = nullptr;
    std::size_t sent = 0;
    std::size_t received = 0;
    bool failed_to_send = false;
    bool at_end = false;
};

class HttpConnection::Session final : public Poco::Net::HTTPClientSession {
  public:
    explicit Session(const Poco::Net::StreamSocket& socket) : HTTPClientSession(socket) {
        setKeepAlive(true);
    }
    bool isEmpty() const { return buffered() == 0; }
};

HttpConnection::HttpConnection(Peer peer)
    : peer_(std::move(peer)), wire_(std::make_unique<Wire>()) {}

HttpConnection::~HttpConnection() = default;

std::unique_ptr<HttpConnection> HttpConnection::open(const Peer& peer, Poco::Net::Context::Ptr tls,
                                                     const Patience& patience) {
    std::unique_ptr<HttpConnection> connection(new HttpConnection(peer));
    Wire& wire = *connection->wire_;
    wire.patience = &patience;
    using Plain = PatientSocket<StreamSocketImpl, Wire>;
    using Tls = PatientSocket<SecureStreamSocketImpl, Wire>;
    Poco::AutoPtr<Plain> plain = new Plain(wire);
    plain->connectWithin({peer.address, peer.port});
    Poco::AutoPtr<StreamSocketImpl> top = plain;
    if (peer.encrypted) {
        Poco::AutoPtr<Tls> secure = new Tls(wire, plain.get(), std::move(tls));
        secure->handshakeWithin(peer.host);
        top = secure;
    }
    // The socket takes over one of the references.
    const Poco::Net::StreamSocket socket(top.duplicate());
    connection->session_ = std::make_unique<Session>(socket);
    return connection;
}

std::istream& HttpConnection::exchange(Poco::Net::HTTPRequest& request, const std::string& body,
                                       Poco::Net::HTTPResponse& answer, const Patience& patience) {
    *wire_ = Wire();
    wire_->patience = &patience;
    session_->sendRequest(request) << body;
    answer.setFieldLimit(kHeaderFieldsMax);
    return session_->receiveResponse(answer);
}

bool HttpConnection::hasSent() const { return wire_->sent > 0; }
bool HttpConnection::hasFailedToSend() const { return wire_->failed_to_send; }
bool HttpConnection::hasAnswer() const { return wire_->received > 0; }
bool HttpConnection::isAtEnd() const { return wire_->at_end; }

bool HttpConnection::isClean() const {
    return session_->isEmpty() && session_->socket().available() == 0 && !wire_->at_end &&
           !wire_->failed_to_send;
}

bool HttpConnection::isQuiet() const {
    pollfd wanted{session_->socket().impl()->sockfd(), POLLIN, 0};
    return ::poll(&wanted, 1, 0) == 0;
}

} // namespace hearback::egress
