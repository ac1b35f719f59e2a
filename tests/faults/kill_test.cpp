// kill -9, at each step of a commit and of a delivery. A child lives and dies at a named point: by
// _exit(), so that nothing is closed, flushed or told. The next child finds what it has left. What
// the dead had told the world stands in a file that each fact was written to at once.
#include "faults/seeds.h"
#include "faults/trial.h"
#include "support/engines.h"
#include "support/fault_vfs.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <array>
#include <fcntl.h>
#include <fstream>
#include <sys/wait.h>
#include <unistd.h>

using namespace hearback;
using namespace hearback::testing;

namespace {

constexpr int kKilled = 77;
constexpr int kWrong = 78;
constexpr int kLives = 4;

// Where to die: at the n-th time that a point with this name is reached.
struct Death {
    std::string point; // empty: any
    int nth = 0;       // 0: never
};

// The steps of a commit and of a delivery; those of the disk exist on SQLite alone.
constexpr std::array<const char*, 14> kPoints = {"in commit 0",      "in commit 1",
                                                 "in commit 2",      "in commit 3",
                                                 "in commit 4",      "in commit 5",
                                                 "before send",      "after send",
                                                 "before write wal", "after write wal",
                                                 "before sync wal",  "after sync wal",
                                                 "after write db",   ""};

Death deathFor(std::mt19937_64& random) {
    const std::string point = kPoints[random() % kPoints.size()];
    const bool is_common = point.empty() || point.find("write") != std::string::npos;
    return {point, static_cast<int>(1 + random() % (is_common ? 300 : 8))};
}

// What is known outside of the process: "acknowledged shop 3", "arrived crm hb_...", "killed at
// ...".
class Facts {
  public:
    explicit Facts(const std::filesystem::path& file)
        : file_(file), fd_(::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600)) {}
    ~Facts() { ::close(fd_); }
    Facts(const Facts&) = delete;
    Facts& operator=(const Facts&) = delete;

    void note(const std::string& fact) const {
        const std::string line = fact + "\n";
        if (::write(fd_, line.data(), line.size()) < 0) ::_exit(kWrong);
    }
    void tell(Trial& trial) const {
        std::ifstream in(file_);
        std::string what;
        std::string who;
        std::string which;
        while (in >> what >> who >> which) {
            if (what == "acknowledged") trial.acknowledge(who, std::stoul(which));
            for (WitnessSink& sink : trial.sinks()) {
                if (what == "arrived" && who == sink.name()) sink.noteArrived(which);
                if (what == "refused" && who == sink.name()) sink.noteRefused(which);
            }
        }
    }

  private:
    std::filesystem::path file_;
    int fd_;
};

struct Life {
    std::uint64_t seed = 0;
    int number = 0; // of this seed
    storage::DatabaseOptions database;
    std::filesystem::path folder;
    Death death;
};

// In the child. The last life is lived to its end.
[[noreturn]] void live(const Life& life) {
    const Facts facts(life.folder / "facts");
    int reached = 0;
    const auto at = [&](std::string_view point) {
        if (life.death.nth == 0 || (!life.death.point.empty() && point != life.death.point)) return;
        if (++reached == life.death.nth) ::_exit(kKilled);
    };
    FaultVfs vfs(life.folder, life.seed);
    vfs.on_point = at;
    TrialParts parts;
    parts.seed = life.seed;
    parts.database = life.database;
    parts.on_point = at;
    parts.on_acknowledged = [&](const std::string& source, std::size_t input) {
        facts.note("acknowledged " + source + " " + std::to_string(input));
    };
    Trial trial(std::move(parts));
    facts.tell(trial);
    for (WitnessSink& sink : trial.sinks())
        sink.on_fact = [&](const std::string& what, const std::string& key) {
            facts.note(what + " " + sink.name() + " " + key);
        };
    trial.advance(life.number * base::kDay);
    if (!trial.open()) ::_exit(kWrong);
    std::mt19937_64 random(life.seed * kLives + static_cast<std::uint64_t>(life.number));
    std::string wrong = trial.wrong();
    for (int step = 0; step < 25 && wrong.empty(); ++step) trial.step(random);
    const bool is_last = life.death.nth == 0;
    if (is_last && wrong.empty()) {
        trial.finish();
        wrong = trial.wrong(true);
    }
    if (wrong.empty()) ::_exit(0);
    std::ofstream(life.folder / "wrong") << wrong << std::flush;
    ::_exit(kWrong);
}

// What is wrong in the end; `deaths` is counted on.
std::string liveAndDie(std::uint64_t seed, storage::DatabaseOptions database, int& deaths) {
    const TempFolder folder;
    if (database.url.empty()) {
        database.file = folder / "hearback.db";
        copyEmptyDatabase(database.file);
    }
    database.readers = 1;
    std::mt19937_64 random(seed);
    std::string died;
    for (int number = 0; number < kLives; ++number) {
        const Death death = number + 1 < kLives ? deathFor(random) : Death{};
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) live({seed, number, database, folder.path(), death});
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (code == kKilled) {
            ++deaths;
            died += " " + std::to_string(death.nth) + "x \"" + death.point + "\"";
        } else if (code != 0) {
            return "life " + std::to_string(number) + " ended with " + std::to_string(status) +
                   ", after deaths at" + died + ":\n" + folder.read("wrong");
        }
    }
    return "";
}

void killThrough(const std::vector<std::uint64_t>& seeds, TestEngine engine) {
    int deaths = 0;
    for (const std::uint64_t seed : seeds) {
        storage::DatabaseOptions database;
        if (engine == TestEngine::Postgres) database.url = PostgresServer::shared().newDatabase();
        INFO(again(seed));
        CHECK(liveAndDie(seed, database, deaths) == "");
    }
    CHECK(deaths >= static_cast<int>(seeds.size()));
}

} // namespace

TEST_CASE("a process may be killed at each step of a commit and of a delivery", "[kill]") {
    killThrough(seeds(40), TestEngine::Sqlite);
}

TEST_CASE("a process may be killed a thousand times", "[kill][.nightly]") {
    killThrough(seeds(1000, 1000), TestEngine::Sqlite);
}

TEST_CASE("a process that works on PostgreSQL may be killed at each step too", "[kill]") {
    if (!PostgresServer::isInstalled()) {
        WARN("SKIPPED: no PostgreSQL server is installed");
        return;
    }
    killThrough(seeds(3), TestEngine::Postgres);
}
