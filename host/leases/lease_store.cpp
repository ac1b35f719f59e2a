#include "leases/leases.h"
#include "storage/sql.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace hearback::leases {

namespace {

using soci::into;
using soci::use;

// The lease that says that a host is there.
const std::string kPresence = "host ";

struct Row {
    std::string holder;
    long long until = 0;
};

std::map<std::string, Row> allLeases(storage::Transaction& tx) {
    std::map<std::string, Row> all;
    std::string name;
    Row row;
    soci::statement select = (tx.sql().prepare << "SELECT name, holder, until FROM lease",
                              into(name), into(row.holder), into(row.until));
    select.execute();
    while (select.fetch()) all[name] = row;
    return all;
}

void put(storage::Transaction& tx, const std::string& name, const std::string& holder,
         long long until) {
    tx.sql() << "INSERT INTO lease (name, holder, until) VALUES (:name, :holder, :until) "
                "ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, "
                "until = excluded.until",
        use(name), use(holder), use(until);
}

void remove(storage::Transaction& tx, const std::string& name) {
    tx.sql() << "DELETE FROM lease WHERE name = :name", use(name);
}

std::int64_t countHosts(const std::map<std::string, Row>& all, long long now) {
    return std::count_if(all.begin(), all.end(), [&](const auto& each) {
        return each.first.starts_with(kPresence) && each.second.until > now;
    });
}

} // namespace

storage::Migration migration() {
    return {"leases",
            1,
            {"CREATE TABLE lease (name TEXT NOT NULL PRIMARY KEY, holder TEXT NOT NULL, "
             "until BIGINT NOT NULL)"}};
}

// Of PostgreSQL, the only engine that hosts share.
base::Micros Leases::timeOfServer(storage::Session& session) {
    long long now = 0;
    session.sql() << "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)",
        into(now);
    return now;
}

base::Result<Held> Leases::keep(const std::vector<std::string>& wanted, base::Micros span) {
    Held held;
    const auto written = database_.write("keep leases", [&](storage::Transaction& tx) {
        held = {};
        const long long now = now_(tx.session());
        const long long until = now + span;
        put(tx, kPresence + holder_, holder_, until);
        auto all = allLeases(tx);
        held.hosts = countHosts(all, now);
        const auto count = static_cast<std::int64_t>(wanted.size());
        const std::int64_t share = (count + held.hosts - 1) / held.hosts;
        std::vector<std::string> free;
        for (const std::string& name : wanted) {
            const auto found = all.find(name);
            const bool is_free = found == all.end() || found->second.until <= now;
            // One of this host's own that ended is free too: another may have had it meanwhile.
            if (is_free)
                free.push_back(name);
            else if (found->second.holder == holder_)
                held.names.insert(name);
        }
        if (static_cast<std::int64_t>(held.names.size()) > share) {
            remove(tx, *held.names.rbegin());
            held.names.erase(std::prev(held.names.end()));
        }
        for (const std::string& name : free)
            if (static_cast<std::int64_t>(held.names.size()) < share) held.names.insert(name);
        for (const std::string& name : held.names) put(tx, name, holder_, until);
        for (const auto& [name, row] : all)
            if (name.starts_with(kPresence) && row.until <= now) held.gone.push_back(row.holder);
    });
    if (!written) return written.error();
    return held;
}

base::Result<void> Leases::forget(const std::string& holder) {
    return database_.write("forget a host", [&](storage::Transaction& tx) {
        // Unless it came back.
        const long long now = now_(tx.session());
        const std::string name = kPresence + holder;
        tx.sql() << "DELETE FROM lease WHERE name = :name AND until <= :now", use(name), use(now);
    });
}

base::Result<void> Leases::releaseAll() {
    return database_.write("release leases", [&](storage::Transaction& tx) {
        tx.sql() << "DELETE FROM lease WHERE holder = :holder", use(holder_);
    });
}

} // namespace hearback::leases
