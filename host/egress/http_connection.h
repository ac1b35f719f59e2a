// One HTTP connection to one address, plain or TLS, for one exchange at a time. Whatever it waits
// for, it waits with a Patience. Of one thread at a time.
#pragma once

#include "base/clock.h"
#include "egress/patience.h"

#include <Poco/AutoPtr.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>

#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <string>

namespace hearback::egress {

class HttpConnection {
  public:
    struct Peer {
        bool encrypted = true;
        std::string host; // what the certificate must name
        std::uint16_t port = 443;
        std::string address; // what is connected to
    };

    // Connected, with the TLS handshake done and the certificate checked. Throws Poco::Exception.
    static std::unique_ptr<HttpConnection> open(const Peer& peer, Poco::Net::Context::Ptr tls,
                                                const Patience& patience);
    ~HttpConnection();
    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    // Sends a request and reads the head of its answer; the body is to be read from the stream.
    // `patience` must last until the body is read. Throws Poco::Exception. A failure to send shows
    // only where no answer comes: a server may answer before it has everything, and then close.
    std::istream& exchange(Poco::Net::HTTPRequest& request, const std::string& body,
                           Poco::Net::HTTPResponse& answer, const Patience& patience);

    // Of the exchange: whether anything was given to the network, whether some of that failed,
    // whether a byte of an answer came, whether the other side closed.
    bool hasSent() const;
    bool hasFailedToSend() const;
    bool hasAnswer() const;
    bool isAtEnd() const;

    // Nothing more than the answer came, and more can be sent: another exchange can follow.
    bool isClean() const;
    // The other side neither closed nor said something unasked. Of one that waits.
    bool isQuiet() const;

    const Peer& peer() const { return peer_; }

  private:
    struct Wire;
    class Session;

    explicit HttpConnection(Peer peer);

    const Peer peer_;
    std::unique_ptr<Wire> wire_;
    std::unique_ptr<Session> session_;
};

} // namespace hearback::egress
