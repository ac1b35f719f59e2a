// A TCP server on this machine whose behaviour a test writes: every connection is handed to a
// function, on a thread of its own.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hearback::testing {

class ScriptedServer {
  public:
    // The server's end of one connection.
    class Connection {
      public:
        Connection(int socket, int which) : number(which), socket_(socket) {}
        // One whole request, head and body; empty where the other side ended.
        std::string request();
        // At most so many bytes, as they come.
        std::string read(std::size_t size);
        void send(const std::string& bytes);
        // An answer that keeps the connection.
        void answer(int status, const std::string& body, const std::string& headers = {});
        void close();
        // Ends it so that the other side's next write fails.
        void reset();
        // Until the other side has closed, or the server ends.
        void waitForEnd();

        const int number; // 1 for the first one of the server

      private:
        int socket_;
        std::string rest_;
    };
    using Serve = std::function<void(Connection&)>;

    explicit ScriptedServer(Serve serve, const std::string& address = "127.0.0.1");
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url(const std::string& path = "/") const;
    int connections() const { return connections_; }

  private:
    void accept();

    const Serve serve_;
    int listener_ = -1;
    std::uint16_t port_ = 0;
    const std::string address_;
    std::atomic<int> connections_{0};
    mutable std::mutex mutex_;
    std::vector<int> sockets_;
    std::list<std::thread> threads_;
    std::thread acceptor_;
};

// The body of a request, and the value of a header of it.
std::string bodyOf(const std::string& request);
std::string headerOf(const std::string& request, const std::string& name);

} // namespace hearback::testing
