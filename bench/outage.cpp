// What memory does while what is behind is down and sources go on: a sink that refuses every
// connection, then a database that somebody else holds. Resident memory is looked at every second;
// the second half of an outage is held against its first.
#include "corpus.h"
#include "program.h"

#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace hearback::bench;

// More than is read while the database is held: what is read then is what fits the queues.
constexpr std::uint64_t kLines = 4000000;

void writeConfig(const std::filesystem::path& folder) {
    std::ofstream out(folder / "hearback.toml");
    out << "data_dir = \"data\"\n[egress]\nallow = [\"127.0.0.1:1\"]\n[log]\nlevel = "
           "\"error\"\n[http]\nlisten = \"127.0.0.1:18080\"\n[intake]\nlisten = "
           "\"127.0.0.1:18081\"\n";
    for (const char* plugin : {"language", "sentiment", "topic", "spam"})
        out << "[[classifier]]\nname = \"" << plugin << "\"\nplugin = \"" << plugin << "\"\n";
    // Nobody listens there.
    out << "[[source]]\nname = \"feedback\"\nplugin = \"file\"\nsettings.path = \"corpus.ndjson\"\n"
           "[[sink]]\nname = \"down\"\nplugin = \"webhook-out\"\n"
           "settings.url = \"http://127.0.0.1:1/hook\"\nsettings.secret = \"env:HOOK_SECRET\"\n"
           "[[route]]\nname = \"all\"\nsinks = [\"down\"]\n";
}

long long storedIn(const std::filesystem::path& file) {
    sqlite3* db = nullptr;
    sqlite3_stmt* select = nullptr;
    long long count = 0;
    if (sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK &&
        sqlite3_prepare_v2(db, "SELECT max(id) FROM message", -1, &select, nullptr) == SQLITE_OK &&
        sqlite3_step(select) == SQLITE_ROW)
        count = sqlite3_column_int64(select, 0);
    sqlite3_finalize(select);
    sqlite3_close(db);
    return count;
}

// Holds the right to write, as a program that forgets to commit does.
class HeldDatabase {
  public:
    explicit HeldDatabase(const std::filesystem::path& file) {
        sqlite3_open(file.c_str(), &db_);
        sqlite3_busy_timeout(db_, 30000);
        if (sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) != SQLITE_OK)
            std::exit(1);
    }
    ~HeldDatabase() { sqlite3_close(db_); }
    HeldDatabase(const HeldDatabase&) = delete;
    HeldDatabase& operator=(const HeldDatabase&) = delete;

  private:
    sqlite3* db_ = nullptr;
};

void watch(const char* what, const Running& server, const std::filesystem::path& db, int seconds) {
    const long long before = storedIn(db);
    std::vector<double> resident;
    for (int second = 0; second < seconds; ++second) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        resident.push_back(server.residentMib());
    }
    const auto half = resident.begin() + seconds / 2;
    std::printf("%-22s %8d %12lld %12.0f %12.0f\n", what, seconds, storedIn(db) - before,
                *std::max_element(resident.begin(), half), *std::max_element(half, resident.end()));
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    const int seconds = std::max(2, argc > 1 ? std::atoi(argv[1]) : 60);
    const int database_seconds = std::max(2, argc > 2 ? std::atoi(argv[2]) : seconds);
    const std::filesystem::path folder = argc > 3 ? argv[3] : "/tmp/hearback-bench-outage";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    writeCorpus(folder / "corpus.ndjson", kLines);
    writeConfig(folder);
    ::setenv("HOOK_SECRET", "whsec_c2VjcmV0IG9mIHRoZSBiZW5jaG1hcms=", 1);
    const std::filesystem::path db = folder / "data/hearback.db";
    Running server({hearbackProgram(), "-c", (folder / "hearback.toml").string(), "serve"});
    while (storedIn(db) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::printf("%-22s %8s %12s %12s %12s\n", "down", "seconds", "stored", "MiB, 1st half",
                "2nd half");
    watch("sink", server, db, seconds);
    {
        const HeldDatabase held(db);
        watch("sink and database", server, db, database_seconds);
    }
    watch("sink, database again", server, db, std::min(seconds, 30));
    const Used used = server.stop();
    std::printf("peak %.0f MiB\n", used.peak_mib);
    std::filesystem::remove_all(folder);
    return used.code;
}
