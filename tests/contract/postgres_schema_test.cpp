// The tables are written for PostgreSQL too: a real server must take them.
#include "app/store.h"
#include "storage/migrations.h"
#include "support/process.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <csignal>
#include <sys/stat.h>
#include <unistd.h>

using namespace hearback;
using hearback::testing::Process;
using hearback::testing::TempFolder;

namespace {

std::string postgresFolder() {
    for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql"))
        if (std::filesystem::exists(entry.path() / "bin/initdb")) return entry.path() / "bin";
    return "";
}

// PostgreSQL refuses to run as root.
std::vector<std::string> asServer(std::vector<std::string> words) {
    if (geteuid() == 0) words.insert(words.begin(), {"runuser", "-u", "postgres", "--"});
    return words;
}

} // namespace

TEST_CASE("PostgreSQL takes the tables of every room", "[storage]") {
    std::error_code error;
    if (!std::filesystem::exists("/usr/lib/postgresql", error) || postgresFolder().empty()) {
        WARN("SKIPPED: no PostgreSQL server is installed");
        return;
    }
    const std::string bin = postgresFolder();
    TempFolder folder;
    ::chmod(folder.path().c_str(), 0777);
    const std::string data = (folder / "pg").string();
    const auto made = Process(asServer({bin + "/initdb", "-D", data, "-A", "trust", "-E", "UTF8",
                                        "--locale=C", "-N", "-U", "hearback"}))
                          .wait();
    INFO(made.err);
    REQUIRE(made.code == 0);
    std::string script;
    int tables = 0;
    for (const storage::Migration& migration : app::allMigrations())
        for (const std::string_view statement : migration.statements) {
            script += storage::inDialect(statement, storage::kPostgres) + ";\n";
            tables += statement.starts_with("CREATE TABLE") ? 1 : 0;
        }
    // Single-user mode: the server's own parser and catalogue, and no port.
    const std::string file = folder.write("schema.sql", script);
    ::chmod(file.c_str(), 0644);
    const auto run = Process(asServer({"sh", "-c",
                                       bin + "/postgres --single -j -D " + data +
                                           " -v ON_ERROR_STOP=1 postgres < " + file + " 2>&1"}))
                         .wait();
    INFO(run.out << "\n" << script);
    CHECK(run.code == 0);
    CHECK(run.out.find("ERROR") == std::string::npos);
    const auto listed =
        Process(asServer({"sh", "-c",
                          "echo \"select count(*) from pg_tables where schemaname = 'public'\" | " +
                              bin + "/postgres --single -D " + data + " postgres"}))
            .wait();
    INFO(listed.out);
    CHECK(listed.out.find("count = \"" + std::to_string(tables) + "\"") != std::string::npos);
}
