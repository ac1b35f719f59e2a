// Several hosts on one database: real processes, killed and frozen while sources are under load.
#include "integration/load.h"
#include "integration/server.h"

#include "app/store.h"
#include "storage/database.h"
#include "storage/sql.h"
#include "support/invariants.h"
#include "support/postgres_server.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <csignal>
#include <functional>
#include <iostream>

using namespace hearback;
using namespace hearback::testing;
using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

namespace {

constexpr int kHosts = 3;
constexpr int kFiles = 5;
// What is promised of work whose host does not answer any more.
constexpr milliseconds kMovesWithin{5000};
// The same in a run in which other tests take the processors away.
constexpr milliseconds kMovesBesideOthers{15000};
// Of this test with all that it starts; the promise is checked by what was measured.
constexpr milliseconds kPatience{60000};

bool postgresIsThere() {
    if (PostgresServer::isInstalled()) return true;
    WARN("SKIPPED: no PostgreSQL server is installed");
    return false;
}

std::vector<std::string> filesIn(const TempFolder& folder) {
    std::vector<std::string> files;
    for (int i = 0; i < kFiles; ++i)
        files.push_back((folder / ("shop" + std::to_string(i) + ".ndjson")).string());
    return files;
}

std::string configOf(const std::string& storage, const std::vector<std::string>& files,
                     const std::string& receiver) {
    std::string config = "[storage]\nurl = \"" + storage + "\"\n";
    for (std::size_t i = 0; i < files.size(); ++i)
        config += "[[source]]\nname = \"file" + std::to_string(i) +
                  "\"\nplugin = \"file\"\nsettings = { path = \"" + files[i] +
                  "\", follow = true }\n";
    return config + R"(
[egress]
allow = ["127.0.0.1"]
[[source]]
name = "hook"
plugin = "webhook"
settings = { verify = "none" }
[[sink]]
name = "out"
plugin = "webhook-out"
settings = { url = ")" +
           receiver + R"(", secret = "env:HEARBACK_TEST_KEY" }
[[route]]
name = "all"
sinks = ["out"]
)";
}

// Three hosts, what they are fed, and what comes out of them.
class HostGroup {
  public:
    explicit HostGroup(milliseconds moves_within)
        : moves_within_(moves_within), url_(postgres_.newDatabase()), load_(nullptr) {
        const std::vector<std::string> files = filesIn(folder_);
        std::vector<std::uint16_t> ports;
        for (int i = 0; i < kHosts; ++i) {
            hosts_.push_back(std::make_unique<Server>(
                configOf(url_, files, arrivals_.url()),
                std::map<std::string, std::string>{{"HEARBACK_TEST_KEY", "a key of the test"}}, "",
                Server::Start::Later));
            ports.push_back(hosts_.back()->intake_port);
        }
        load_ = std::make_unique<Load>(arrivals_, files, ports);
        for (const auto& host : hosts_) host->start();
        storage::DatabaseOptions options;
        options.url = url_;
        auto opened = storage::Database::open(options, app::allMigrations());
        REQUIRE(opened);
        database_ = std::move(*opened);
        load_->start();
        REQUIRE(eventually([&] { return isShared(); }, kPatience));
    }

    // Each host has something to read.
    bool isShared() {
        for (int i = 0; i < kHosts; ++i)
            if (sourcesOf(i).empty()) return false;
        return true;
    }
    std::int64_t number(const std::string& query) {
        const auto value = database_->query<std::int64_t>("look", [&](storage::Session& session) {
            long long found = 0;
            session.sql() << query, soci::into(found);
            return found;
        });
        REQUIRE(value);
        return *value;
    }
    // Which sources a host reads, with how often somebody began to read each.
    std::map<std::string, std::int64_t> sourcesOf(int host) {
        const std::string holder =
            "% " + std::to_string(hosts_[static_cast<std::size_t>(host)]->process->pid()) + " %";
        const auto sources = database_->query<std::map<std::string, std::int64_t>>(
            "look", [&](storage::Session& session) {
                std::map<std::string, std::int64_t> all;
                std::string name;
                long long epoch = 0;
                soci::statement select =
                    (session.sql().prepare
                         << "SELECT r.source, r.epoch FROM lease l JOIN source_reader r "
                            "ON l.name = 'source ' || r.source WHERE l.holder LIKE :holder",
                     soci::into(name), soci::into(epoch), soci::use(holder));
                select.execute();
                while (select.fetch()) all[name] = epoch;
                return all;
            });
        REQUIRE(sources);
        return *sources;
    }
    // Does something to a host, and waits until others read what it read.
    void takeFrom(int host, const std::function<void()>& strike) {
        const auto had = sourcesOf(host);
        REQUIRE_FALSE(had.empty());
        strike();
        const auto since = Steady::now();
        const std::size_t arrived = arrivals_.messages();
        REQUIRE(eventually(
            [&] {
                const auto left = sourcesOf(host);
                return std::all_of(had.begin(), had.end(), [&](const auto& each) {
                    return !left.contains(each.first) && epochOf(each.first) > each.second;
                });
            },
            kPatience));
        const auto took = std::chrono::duration_cast<milliseconds>(Steady::now() - since);
        slowest_ = std::max(slowest_, took);
        CHECK(took <= moves_within_);
        // Not only in name.
        CHECK(arrivals_.waitFor(arrived + 1, kPatience));
    }
    void kill(int host) {
        takeFrom(host, [&] { server(host).process->signal(SIGKILL); });
        server(host).kill();
        server(host).start();
        ++kills_;
        REQUIRE(eventually([&] { return isShared(); }, kPatience));
    }
    void freeze(int host) {
        const std::size_t refused = refusalsOf(host);
        takeFrom(host, [&] { stopWithWorkUnderWay(host); });
        server(host).process->signal(SIGCONT);
        ++freezes_;
        REQUIRE(eventually([&] { return isShared(); }, kPatience));
        // What it had read before is refused.
        CHECK(eventually([&] { return refusalsOf(host) > refused; }, kPatience));
        for (const auto& source : server(host).status()["sources"])
            if (source["name"] != "hook") CHECK(source["duplicates"] == 0);
    }
    // All that was fed is stored once and has arrived; nothing else is there.
    void finish() {
        load_->stop();
        const auto fed = load_->fed();
        CHECK(arrivals_.waitFor(fed.size(), kPatience));
        const auto settled = [&] {
            return number("SELECT count(*) FROM outbox WHERE state = 0") == 0;
        };
        CHECK(eventually(settled, kPatience));
        std::size_t refused = 0;
        for (const auto& host : hosts_) {
            for (const auto& source : host->status()["sources"])
                if (source["name"] != "hook") CHECK(source["duplicates"] == 0);
            const Ended ended = host->stop();
            CHECK(ended.code == 0);
            refused += refusalsIn(ended.err);
        }
        const auto count = static_cast<std::int64_t>(fed.size());
        CHECK(arrivals_.all() == fed);
        CHECK(arrivals_.wrong() == "");
        CHECK(number("SELECT count(*) FROM message") == count);
        CHECK(number("SELECT count(*) FROM message_revision") == 0);
        CHECK(number("SELECT sum(messages) FROM rollup_day") == count);
        CHECK(number("SELECT count(*) FROM outbox") == count);
        CHECK(number("SELECT count(*) FROM outbox WHERE state = 1") == count);
        CHECK(number("SELECT count(*) FROM dead_letter") == 0);
        CHECK(number("SELECT count(*) FROM lease") == 0);
        CHECK(checkInvariants(*database_) == "");
        std::cout << kills_ << " kills, " << freezes_ << " freezes, " << count << " messages, "
                  << arrivals_.repeats() << " repeated deliveries, " << refused
                  << " batches refused, slowest move " << slowest_.count() << " ms\n";
    }

  private:
    static constexpr const char* kRefused = "somebody else reads this source now: not stored here";

    static std::size_t refusalsIn(const std::string& log) {
        std::size_t count = 0;
        for (auto at = log.find(kRefused); at != std::string::npos; at = log.find(kRefused, at + 1))
            ++count;
        return count;
    }
    std::size_t refusalsOf(int host) { return refusalsIn(server(host).process->err()); }
    // How many rows of files it has read since its start.
    double readBy(int host) {
        const std::string figures = HttpClient("127.0.0.1", server(host).port).get("/metrics").body;
        const std::string name = "hearback_source_messages_total{source=\"file";
        double sum = 0;
        for (auto at = figures.find(name); at != std::string::npos; at = figures.find(name, at + 1))
            sum += std::stod(figures.substr(figures.find(' ', at)));
        return sum;
    }
    // Frozen while nobody can commit, and after it has read something: that is what it will try to
    // store when it goes on.
    void stopWithWorkUnderWay(int host) {
        bool has_read = false;
        for (int tries = 0; tries < 10 && !has_read; ++tries) {
            const auto held = database_->write("hold all up", [&](storage::Transaction& tx) {
                tx.sql() << "SET LOCAL idle_in_transaction_session_timeout = 0";
                const double before = readBy(host);
                // Shorter than a lease.
                has_read = eventually([&] { return readBy(host) > before; }, milliseconds(2000));
                if (has_read) server(host).process->signal(SIGSTOP);
            });
            REQUIRE(held);
        }
        REQUIRE(has_read);
    }
    Server& server(int host) { return *hosts_[static_cast<std::size_t>(host)]; }
    std::int64_t epochOf(const std::string& source) {
        return number("SELECT epoch FROM source_reader WHERE source = '" + source + "'");
    }

    const milliseconds moves_within_;
    PostgresServer postgres_;
    std::string url_;
    TempFolder folder_;
    Arrivals arrivals_;
    std::vector<std::unique_ptr<Server>> hosts_;
    std::unique_ptr<storage::Database> database_;
    std::unique_ptr<Load> load_; // last: it asks the hosts
    milliseconds slowest_{0};
    int kills_ = 0;
    int freezes_ = 0;
};

} // namespace

TEST_CASE("hosts on one database may be killed and frozen under load", "[postgres][hosts]") {
    if (!postgresIsThere()) return;
    HostGroup group(kMovesBesideOthers);
    group.kill(0);
    group.freeze(1);
    group.finish();
}

TEST_CASE("hosts on one database may be killed and frozen for minutes", "[hosts][.nightly]") {
    if (!postgresIsThere()) return;
    HostGroup group(kMovesWithin);
    const auto end = Steady::now() + std::chrono::minutes(2);
    for (int round = 0; Steady::now() < end; ++round) {
        INFO("round " << round);
        if (round % 2 == 0)
            group.kill(round % kHosts);
        else
            group.freeze(round % kHosts);
    }
    group.finish();
}

TEST_CASE("an action is done by the host that reads its source", "[postgres][hosts][act]") {
    if (!postgresIsThere()) return;
    PostgresServer postgres;
    const TempFolder files;
    const std::string config = "[storage]\nurl = \"" + postgres.newDatabase() +
                               "\"\n[[source]]\nname = \"board\"\nplugin = \"forum\"\n"
                               "settings = { done = \"" +
                               (files / "done").string() + "\", mood = \"" +
                               (files / "mood").string() + "\" }\n";
    const std::string top = "plugin_dirs = [\"" HEARBACK_ZOO "/forum\"]\ntrust = { all = true }\n";
    Server first(config, {}, top);
    REQUIRE(eventually([&] { return first.messages() == 1; }, kPatience));
    Server second(config, {}, top);
    // One has it, the one that came later, and both have noticed.
    const auto conditionOn = [](const Server& host) {
        return host.status()["sources"][0]["condition"].get<std::string>();
    };
    REQUIRE(eventually(
        [&] { return conditionOn(first) == "elsewhere" && conditionOn(second) == "waiting"; },
        kPatience));
    const auto act = [&](const Server& by, const std::string& what) {
        const std::string id = std::to_string(
            by.json({"act", "1", what, "--undo", "0s"})["delivery"].get<std::int64_t>());
        REQUIRE(eventually(
            [&] {
                return by.json({"deliveries", "show", id})["state"] == "delivered";
            },
            kPatience));
        // Nobody who cannot do it has tried.
        CHECK(by.json({"deliveries", "show", id})["attempts"] == 1);
    };
    act(first, "like");
    second.kill();
    act(first, "like");
    CHECK(conditionOn(first) == "waiting");
    CHECK(files.read("done") == "question-1 6 1 \nquestion-1 6 1 \n");
}
