// Who does what while several hosts share one database: each thing that one host at a time may do
// (read a source) has a lease, which whoever does it keeps renewing. There is no leader: every host
// looks for what is free. Any thread.
//
// A lease says who should do it, and keeps two from starting. It cannot stop a host that was frozen
// in the middle: that is what epochs of checkpoints (commit/checkpoints.h) and claims of the outbox
// are for. Times are the database's, so that clocks of hosts need not agree.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "storage/database.h"

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace hearback::leases {

storage::Migration migration();

// What this host has after it looked.
struct Held {
    std::set<std::string> names;
    std::int64_t hosts = 1; // that share the database now, this one too
    // Holders that did not renew in time: what they were doing is to be taken up, then forget()
    // them.
    std::vector<std::string> gone;
};

class Leases {
  public:
    using Now = std::function<base::Micros(storage::Session&)>;
    // `holder`: of this process, other than that of any other one.
    Leases(storage::Database& database, std::string holder, Now now = timeOfServer)
        : database_(database), holder_(std::move(holder)), now_(std::move(now)) {}

    // Renews what this host has of `wanted`, and takes what is free as long as it has less than its
    // share of them; all for `span` from now on. Gives up one where it has more than its share, so
    // that a host that joins gets some. Also tells the others that this host is there.
    base::Result<Held> keep(const std::vector<std::string>& wanted, base::Micros span);
    base::Result<void> forget(const std::string& holder);
    // Gives everything back, for a host that ends.
    base::Result<void> releaseAll();

    const std::string& holder() const { return holder_; }

  private:
    static base::Micros timeOfServer(storage::Session& session);

    storage::Database& database_;
    std::string holder_;
    Now now_;
};

} // namespace hearback::leases
