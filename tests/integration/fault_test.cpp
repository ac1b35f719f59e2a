#include "app/store.h"
#include "integration/server.h"
#include "integration/small_disk.h"
#include "support/invariants.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

using namespace hearback;
using namespace hearback::testing;

namespace {

constexpr const char* kOpen = R"(
timeout_ms = 3000
[[source]]
name = "open"
plugin = "webhook"
settings = { verify = "none" }
)";

int post(const Server& server, const std::string& id, std::size_t size = 10) {
    HttpClient client("127.0.0.1", server.intake_port);
    return client
        .post("/in/open", nlohmann::json{{"id", id}, {"text", std::string(size, 'x')}}.dump())
        .status;
}

// What is wrong with what it has stored, once it has ended.
std::string recount(const Server& server, const std::string& data = "data") {
    storage::DatabaseOptions options;
    options.file = server.folder / (data + "/hearback.db");
    const auto database = storage::Database::open(options, app::allMigrations());
    return database ? checkInvariants(**database) : database.error().message;
}

} // namespace

TEST_CASE("a full disk refuses what comes in and loses nothing of what was taken", "[fault]") {
    Server server(kOpen);
    server.stop();
    const SmallDisk disk(server.folder / "disk", "6m");
    if (!disk.mounted()) {
        WARN("SKIPPED: no rights to mount a small disk");
        return;
    }
    std::string config = server.folder.read("hearback.toml");
    config.replace(config.find("\"data\""), 6, "\"disk/data\"");
    server.folder.write("hearback.toml", config);
    server.start();
    int taken = 0;
    int status = 204;
    while (status == 204 && taken < 1000) {
        status = post(server, "m" + std::to_string(taken), 30000);
        if (status == 204) ++taken;
    }
    CHECK(status == 503);
    CHECK(taken > 10);
    // It goes on serving and says what is wrong.
    CHECK(HttpClient("127.0.0.1", server.port).get("/healthz").status == 200);
    CHECK(HttpClient("127.0.0.1", server.port).get("/readyz").status == 503);
    CHECK(server.process->err().find("cannot store; nothing is lost") != std::string::npos);
    CHECK(server.process->err().find("disk") != std::string::npos);
    disk.grow("64m");
    REQUIRE(eventually(
        [&] { return HttpClient("127.0.0.1", server.port).get("/readyz").status == 200; }));
    CHECK(post(server, "after") == 204);
    CHECK(server.stop().code == 0);
    CHECK(recount(server, "disk/data") == "");
    server.start();
    // The one that was answered 503 may have been stored when there was room again.
    CHECK(server.messages() >= taken + 1);
    CHECK(server.messages() <= taken + 2);
    server.stop();
    CHECK(recount(server, "disk/data") == "");
}

TEST_CASE("a database that another process holds is waited for", "[fault]") {
    Server server(kOpen);
    REQUIRE(post(server, "before") == 204);
    {
        soci::session other(*soci::factory_sqlite3(),
                            "dbname=\"" + (server.folder / "data/hearback.db").string() + "\"");
        other << "BEGIN IMMEDIATE";
        CHECK(post(server, "during") == 503);
        CHECK(server.messages() == 1);
        REQUIRE(eventually([&] {
            return server.process->err().find("another process holds the database") !=
                   std::string::npos;
        }));
        other << "ROLLBACK";
    }
    REQUIRE(eventually([&] { return server.messages() == 2; }));
    CHECK(post(server, "during") == 204);
    CHECK(post(server, "after") == 204);
    CHECK(server.messages() == 3);
    CHECK(server.stop().code == 0);
    CHECK(recount(server) == "");
}

TEST_CASE("plugins that cannot be loaded are told all at once and nothing starts", "[fault]") {
    TempFolder folder;
    std::filesystem::create_directories(folder / "plugins");
    std::filesystem::copy(HEARBACK_ZOO "/zoo_good.so", folder / "plugins/cut.so");
    std::filesystem::resize_file(folder / "plugins/cut.so", 3000);
    std::string other = folder.read("plugins/cut.so");
    other[18] = '\xf3'; // RISC-V
    other[19] = 0;
    folder.write("plugins/other.so", other);
    folder.write("hearback.toml", R"(
plugin_dirs = ["plugins"]
trust = { all = true }
[[source]]
name = "one"
plugin = "cut"
[[source]]
name = "two"
plugin = "other"
)");
    const Ended ended = runHearback({"-c", (folder / "hearback.toml").string(), "serve"});
    CHECK(ended.code == 2);
    CHECK(ended.err.find("cut.so is cut off") != std::string::npos);
    CHECK(ended.err.find("other.so is made for RISC-V, this host is") != std::string::npos);
    CHECK(ended.err.find("hearback.toml:4:1: source[0].plugin") != std::string::npos);
    CHECK(ended.err.find("2 problems") != std::string::npos);
}

TEST_CASE("a plugin that throws is started again and the others go on", "[fault]") {
    const std::string isolation = GENERATE("in-process", "worker");
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_throws.so", plugins / "zoo.so");
    Server server(std::string(kOpen) +
                      "[[source]]\nname = \"thrower\"\nplugin = \"zoo\"\nisolation = \"" +
                      isolation + "\"\n",
                  {}, trusting(plugins));
    REQUIRE(eventually([&] {
        return server.process->err().find("an exception came out of poll") != std::string::npos;
    }));
    CHECK(post(server, "a") == 204);
    CHECK(server.messages() == 1);
    CHECK(server.stop().code == 0);
    CHECK(recount(server) == "");
}

TEST_CASE("a plugin that never returns holds up neither the others nor the end", "[fault]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_sleeps.so", plugins / "zoo.so");
    Server server(std::string(kOpen) +
                      "[[source]]\nname = \"sleeper\"\nplugin = \"zoo\"\nisolation = "
                      "\"in-process\"\n",
                  {}, trusting(plugins));
    CHECK(post(server, "a") == 204);
    const Ended ended = server.stop();
    CHECK(recount(server) == "");
    CHECK(ended.signal == 0);
    CHECK(ended.code == 1);
    CHECK(ended.err.find("source does not stop") != std::string::npos);
    CHECK(ended.err.find("sleeper") != std::string::npos);
    server.start();
    CHECK(server.messages() == 1);
}

TEST_CASE("a classifier that sleeps holds up nobody and its labels come later", "[fault]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_sleepy.so", plugins / "sleepy.so");
    Server server(std::string(kOpen) + R"(
[pipeline]
classify_budget_ms = 200
[[classifier]]
name = "mood"
plugin = "sleepy"
settings = { sleep_ms = 3000 }
)",
                  {}, trusting(plugins));
    for (int i = 0; i < 5; ++i) CHECK(post(server, "m" + std::to_string(i)) == 204);
    CHECK(server.messages() == 5);
    CHECK(server.status()["pending_annotations"] == 5);
    CHECK(server.process->err().find("classifier fails; messages go on") != std::string::npos);
    CHECK(server.json({"show", "1"})["pending"][0] == "mood");
    REQUIRE(eventually([&] { return server.status()["pending_annotations"] == 0; }));
    const auto shown = server.json({"show", "1"});
    CHECK(shown["annotations"][0]["label"] == "awake");
    CHECK(shown["pending"].empty());
    CHECK(server.process->err().find("classifier answers again") != std::string::npos);
    CHECK(server.stop().code == 0);
    CHECK(recount(server) == "");
}

TEST_CASE("a classifier that never wakes up is left behind at the end", "[fault]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_sleepy.so", plugins / "sleepy.so");
    Server server(std::string(kOpen) + R"(
[pipeline]
classify_budget_ms = 100
[[classifier]]
name = "mood"
plugin = "sleepy"
isolation = "in-process"
settings = { sleep_ms = 3600000 }
)",
                  {}, trusting(plugins));
    for (int i = 0; i < 3; ++i) CHECK(post(server, "m" + std::to_string(i)) == 204);
    const Ended ended = server.stop();
    CHECK(recount(server) == "");
    CHECK(ended.signal == 0);
    CHECK(ended.code == 1);
    CHECK(ended.err.find("a plugin did not return") != std::string::npos);
    server.start();
    CHECK(server.messages() == 3);
    CHECK(server.status()["pending_annotations"] == 3);
}

TEST_CASE("what never returns in a worker holds up nothing at all", "[fault]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_sleeps.so", plugins / "zoo.so");
    std::filesystem::copy(HEARBACK_ZOO "/zoo_sleepy.so", plugins / "sleepy.so");
    Server server(std::string(kOpen) + R"(
[pipeline]
classify_budget_ms = 100
[[source]]
name = "sleeper"
plugin = "zoo"
[[classifier]]
name = "mood"
plugin = "sleepy"
settings = { sleep_ms = 3600000 }
)",
                  {}, trusting(plugins));
    for (int i = 0; i < 3; ++i) CHECK(post(server, "m" + std::to_string(i)) == 204);
    const Ended ended = server.stop();
    CHECK(recount(server) == "");
    CHECK(ended.code == 0);
    server.start();
    CHECK(server.messages() == 3);
}

TEST_CASE("a plugin that takes the host along runs in a worker from then on", "[fault]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_cruel.so", plugins / "zoo.so");
    Server server(std::string(kOpen) +
                      "[[source]]\nname = \"bad\"\nplugin = \"cruel\"\nisolation = "
                      "\"in-process\"\nsettings = { in = \"poll\", does = \"segv\", once = \"" +
                      (plugins / "once").string() + "\", total = 30 }\n",
                  {}, trusting(plugins), Server::Start::Later);
    server.launch();
    CHECK(server.process->wait(std::chrono::seconds(30)).signal == SIGSEGV);
    CHECK(server.process->err().find("crashed inside plugin instance \"bad\", function poll") !=
          std::string::npos);
    server.start();
    REQUIRE(eventually([&] { return server.messages() == 30; }));
    CHECK(server.process->err().find("it runs in a worker until it is released") !=
          std::string::npos);
    CHECK(server.run({"plugin", "quarantine"}).out.find("runs in a worker") != std::string::npos);
    CHECK(server.run({"plugin", "release", "bad"}).code == 0);
    CHECK(server.run({"plugin", "release", "bad"}).code == 4);
    CHECK(server.stop().code == 0);
    CHECK(recount(server) == "");
}

TEST_CASE("in safe mode only plugins of this build run and deliveries wait for the others",
          "[fault]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_throws.so", plugins / "zoo.so");
    std::filesystem::copy(HEARBACK_ZOO "/zoo_sleepy.so", plugins / "sleepy.so");
    Server server(std::string(kOpen) + R"(
[[source]]
name = "thrower"
plugin = "zoo"
[[classifier]]
name = "mood"
plugin = "sleepy"
[[route]]
name = "sleepers"
when = { field = "mood", op = "is", value = "awake" }
tags = ["awake"]
)",
                  {}, trusting(plugins), Server::Start::Later);
    server.serve_words = {"--safe-mode"};
    server.start();
    CHECK(post(server, "a") == 204);
    CHECK(server.messages() == 1);
    CHECK(server.status()["sources"].size() == 1);
    CHECK(server.status()["classifiers"].empty());
    CHECK(server.stop().code == 0);
    CHECK(recount(server) == "");
}
