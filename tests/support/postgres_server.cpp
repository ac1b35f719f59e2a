#include "support/postgres_server.h"

#include <soci/soci.h>

#include <soci/postgresql/soci-postgresql.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

namespace hearback::testing {

namespace {

constexpr auto kStartMax = std::chrono::seconds(60);

// Where Debian puts the programs of the newest version; empty where there are none.
std::string programs() {
    std::error_code error;
    std::string newest;
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error))
        if (std::filesystem::exists(entry.path() / "bin/initdb"))
            newest = std::max(newest, (entry.path() / "bin").string());
    return newest;
}

// PostgreSQL refuses to run as root. It ends with the program that started it.
std::vector<std::string> asServer(std::vector<std::string> words) {
    std::vector<std::string> all = {"setpriv", "--pdeathsig", "QUIT"};
    if (geteuid() == 0)
        all.insert(all.end(), {"--reuid=postgres", "--regid=postgres", "--init-groups"});
    all.emplace_back("--");
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

} // namespace

bool PostgresServer::isInstalled() { return !programs().empty(); }

PostgresServer& PostgresServer::shared() {
    static PostgresServer server;
    return server;
}

PostgresServer::PostgresServer() {
    ::chmod(folder_.path().c_str(), 0777);
    const auto made =
        Process(asServer({programs() + "/initdb", "-D", folder_ / "data", "-U", "hearback", "-A",
                          "trust", "-E", "UTF8", "--locale=C", "-N", "--wal-segsize=1"}))
            .wait();
    if (made.code != 0) throw std::runtime_error("initdb: " + made.err);
    start();
}

PostgresServer::~PostgresServer() {
    if (!process_) return;
    process_->signal(SIGQUIT);
    process_->wait();
}

std::string PostgresServer::url(const std::string& database) const {
    return "postgresql://hearback@/" + database + "?host=" + folder_.path().string();
}

void PostgresServer::start() {
    const auto deadline = std::chrono::steady_clock::now() + kStartMax;
    // After a kill it refuses to start as long as its children are not gone.
    while (std::chrono::steady_clock::now() < deadline) {
        if (!process_ || !process_->runs())
            process_ = std::make_unique<Process>(
                asServer({programs() + "/postgres", "-D", folder_ / "data", "-k", folder_.path(),
                          "-h", "", "-c", "fsync=off"}));
        if (answers()) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    throw std::runtime_error("PostgreSQL does not start: " + process_->err());
}

void PostgresServer::stop() {
    process_->signal(SIGINT); // the "fast" shutdown
    process_->wait();
}

void PostgresServer::kill() {
    process_->signal(SIGKILL);
    process_->wait();
}

bool PostgresServer::answers() const {
    try {
        soci::session(*soci::factory_postgresql(), url("postgres")) << "SELECT 1";
        return true;
    } catch (const soci::soci_error&) {
        return false;
    }
}

void PostgresServer::run(const std::string& statement) {
    soci::session(*soci::factory_postgresql(), url("postgres")) << statement;
}

std::string PostgresServer::newDatabase() {
    const std::string name = "test" + std::to_string(++databases_);
    run("CREATE DATABASE " + name);
    return url(name);
}

void PostgresServer::endConnections() {
    run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test%'");
}

} // namespace hearback::testing
