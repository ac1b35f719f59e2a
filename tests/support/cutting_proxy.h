// Stands between a client and a PostgreSQL server, and cuts the connection at the worst moment:
// when a transaction is committed.
#pragma once

#include "support/temp_folder.h"

#include <atomic>
#include <list>
#include <string>
#include <thread>

namespace hearback::testing {

class CuttingProxy {
  public:
    enum class Cut {
        BeforeCommit, // the server never hears of it
        AfterCommit   // it is done, and the client never hears of it
    };

    // `url` of a database, as PostgresServer gives it.
    explicit CuttingProxy(const std::string& url);
    ~CuttingProxy();
    CuttingProxy(const CuttingProxy&) = delete;
    CuttingProxy& operator=(const CuttingProxy&) = delete;

    // The same database, through here.
    std::string url() const;
    // The next COMMIT that comes by, once; then, where `for_good`, nobody gets through any more
    // until mend().
    void cutNext(Cut cut, bool for_good = false);
    void mend() { is_broken_ = false; }

  private:
    void accept(const std::stop_token& stop);
    void relay(int client, const std::stop_token& stop);
    // False where the connection is to be cut.
    bool pass(int client, int server);

    TempFolder folder_;
    std::string server_folder_;
    std::string database_;
    int listener_ = -1;
    std::atomic<bool> is_armed_ = false;
    std::atomic<bool> is_broken_ = false;
    Cut cut_ = Cut::BeforeCommit;
    bool for_good_ = false;
    std::list<std::jthread> relays_;
    std::jthread acceptor_; // last: it fills the list
};

} // namespace hearback::testing
