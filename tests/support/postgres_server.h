// A PostgreSQL server of the tests' own: in a temporary folder, reached by a socket in it, gone
// when the program is. Its data need not outlive a power cut, so nothing is flushed.
#pragma once

#include "support/process.h"
#include "support/temp_folder.h"

#include <memory>
#include <string>

namespace hearback::testing {

class PostgresServer {
  public:
    static bool isInstalled();
    // The one of this program, made by the first who asks. Only where it is installed.
    static PostgresServer& shared();

    // Makes the server's files and starts it.
    PostgresServer();
    ~PostgresServer();
    PostgresServer(const PostgresServer&) = delete;
    PostgresServer& operator=(const PostgresServer&) = delete;

    // The address of a new and empty database.
    std::string newDatabase();
    // Ends all connections with the databases, as an administrator may.
    void endConnections();

    void stop();
    // As by a crash: no chance to write anything.
    void kill();
    // Returns when it takes connections.
    void start();

  private:
    std::string url(const std::string& database) const;
    void run(const std::string& statement);
    bool answers() const;

    TempFolder folder_;
    std::unique_ptr<Process> process_;
    int databases_ = 0;
};

} // namespace hearback::testing
