// The built program with one plugin of each cruel kind beside the quickstart's own: its imports
// finish with the right figures, who is guilty is named, and the end is an end.
#include "integration/server.h"

#include <catch2/catch.hpp>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <fstream>
#include <map>
#include <set>

using namespace hearback;
using namespace hearback::testing;

namespace {

constexpr const char* kCruelties[] = {
    "segv",        "abort",         "fpe",         "ill",         "overflow",     "exit",
    "throw",       "throw-unknown", "kill-itself", "bad-free",    "thread-crash", "hang",
    "spin",        "deadlock",      "stop-all",    "kill-parent", "fork",         "exec",
    "memory",      "files",         "half-frame",  "huge-frame",  "nonsense",     "no-json",
    "impersonate", "flood",         "log-flood",   "log-secrets", "print",        "change-world",
    "broken-pipe", "lowers-limits", "leak",        "wake-flood"};
constexpr const char* kStrange[] = {"same-batch",  "nothing-more", "control-ids",    "no-id",
                                    "years",       "nan",          "reused-id",      "huge",
                                    "broken-text", "tiny",         "long-checkpoint"};

std::string cruelSources() {
    std::string all;
    for (const char* does : kCruelties)
        all +=
            "[[source]]\nname = \"cruel-" + std::string(does) +
            "\"\nplugin = \"cruel\"\nworker = { memory_mib = 512, cpu_s = 2 }\nsettings = { in = "
            "\"written\", at = 2, total = 30, does = \"" +
            does + "\" }\n";
    for (const char* does : kStrange)
        all += "[[source]]\nname = \"strange-" + std::string(does) +
               "\"\nplugin = \"strange\"\nsettings = { does = \"" + does + "\" }\n";
    return all;
}

// The quickstart's configuration but for its ports, and what stands beside it.
std::string quickstart() {
    std::ifstream in(HEARBACK_SOURCE_DIR "/examples/quickstart/hearback.toml");
    std::string all;
    for (std::string line; std::getline(in, line);)
        if (!line.starts_with("data_dir") && !line.starts_with("[http]") &&
            !line.starts_with("[intake]") && !line.starts_with("listen"))
            all += line + "\n";
    return all;
}

std::map<std::string, std::int64_t> messagesBySource(const Server& server) {
    std::map<std::string, std::int64_t> counts;
    const auto report = server.json({"report", "--by", "source"});
    for (const auto& row : report["rows"]) counts[row["source"]] = row["messages"];
    return counts;
}

} // namespace

TEST_CASE("one plugin of each cruel kind beside the quickstart changes none of its figures",
          "[zoo]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_cruel.so", plugins / "cruel.so");
    std::filesystem::copy(HEARBACK_ZOO "/zoo_strange.so", plugins / "strange.so");
    Server server(quickstart() + cruelSources(), {}, trusting(plugins));

    const Ended sample = Process({HEARBACK_BINARY_DIR "/bin/sample_feedback", "--texts",
                                  HEARBACK_SOURCE_DIR "/examples/quickstart/sample/texts.tsv",
                                  "--end", "2026-10-01"})
                             .wait();
    REQUIRE(sample.code == 0);
    const std::string file = server.folder.write("sample.ndjson", sample.out);
    const auto imported = server.json({"import", file});
    CHECK(imported["inserted"] == 420);
    CHECK(imported["dead_letters"] == 0);
    // And what people send meanwhile.
    for (int i = 0; i < 20; ++i)
        CHECK(HttpClient("127.0.0.1", server.intake_port)
                  .post("/in/demo", R"({"id": ")" + std::to_string(i) + R"(", "text": "hello"})")
                  .status < 300);

    // Each is at the end of its messages, those that were ended after coming back at their
    // checkpoint; those that do nothing more are still waited for.
    std::map<std::string, std::int64_t> expected = {
        {"sample", 420},
        {"demo", 20},
        {"strange-same-batch", 10},
        {"strange-nothing-more", 10},
        {"strange-control-ids", 10},
        {"strange-no-id", 10},
        // That of the year 1 is not among the last ones; one has no time that a calendar has.
        {"strange-years", 11},
        {"strange-nan", 11},
        {"strange-reused-id", 11},
        {"strange-huge", 11},
        {"strange-broken-text", 11},
        {"strange-tiny", 20010}};
    const std::set<std::string> waiting = {"hang", "deadlock", "stop-all", "half-frame"};
    for (const std::string does : kCruelties)
        expected["cruel-" + does] = waiting.contains(does) ? 10 : 30;
    std::map<std::string, std::int64_t> counts;
    (void)eventually([&] { return (counts = messagesBySource(server)) == expected; },
                     std::chrono::seconds(90));
    for (const auto& [source, count] : expected) {
        INFO(source);
        CHECK(counts[source] == count);
    }
    CHECK(counts.size() == expected.size());
    std::set<std::string> refused;
    const auto letters = server.json({"dead-letters", "list"});
    for (const auto& letter : letters) refused.insert(letter["source"]);
    CHECK(refused ==
          std::set<std::string>{"strange-control-ids", "strange-no-id", "strange-years"});
    const std::string log = server.process->err();
    for (const char* guilty : {"cruel-segv", "cruel-throw", "cruel-exit", "cruel-huge-frame",
                               "cruel-flood", "strange-long-checkpoint"}) {
        INFO(guilty);
        CHECK(log.find(guilty) != std::string::npos);
    }
    CHECK(log.find('\x1b') == std::string::npos);
    // The end comes though some of them do not stop.
    const Ended ended = server.stop();
    CHECK(ended.signal == 0);
    CHECK(ended.code == 0);
}

TEST_CASE("50 sources wait for a database that is held, and come back without a loss", "[zoo]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_cruel.so", plugins / "cruel.so");
    std::string sources = "timeout_ms = 1000\n";
    for (int i = 0; i < 50; ++i)
        sources += "[[source]]\nname = \"s" + std::to_string(i) +
                   "\"\nplugin = \"cruel\"\nisolation = \"in-process\"\nsettings = { total = "
                   "2000, batch = 25 }\n";
    Server server(sources, {}, trusting(plugins), Server::Start::Later);
    // Held as soon as the first messages are there.
    server.start();
    REQUIRE(eventually([&] { return server.messages() > 0; }));
    soci::session other(*soci::factory_sqlite3(),
                        "dbname=\"" + (server.folder / "data/hearback.db").string() + "\"");
    other << "PRAGMA busy_timeout = 10000";
    other << "BEGIN IMMEDIATE";
    const std::int64_t before = residentKib(server.process->pid());
    REQUIRE(eventually([&] {
        return server.process->err().find("another process holds the database") !=
               std::string::npos;
    }));
    const std::int64_t held = residentKib(server.process->pid());
    CHECK(held < before + (64 << 10));
    other << "ROLLBACK";
    REQUIRE(eventually([&] { return server.messages() == 50 * 2000; }, std::chrono::seconds(60)));
    for (const auto& [source, count] : messagesBySource(server)) CHECK(count == 2000);
    CHECK(server.stop().code == 0);
}

TEST_CASE("the end comes though every plugin is in the middle of something", "[zoo]") {
    TempFolder plugins;
    std::filesystem::copy(HEARBACK_ZOO "/zoo_cruel.so", plugins / "cruel.so");
    std::string sources;
    for (const char* in : {"configure", "start", "poll", "ack", "stop", "cancel", "destroy"})
        for (const char* does : {"hang", "spin", "deadlock", "segv", "stop-all"})
            sources += "[[source]]\nname = \"" + std::string(in) + "-" + does +
                       "\"\nplugin = \"cruel\"\nsettings = { in = \"" + in + "\", does = \"" +
                       does + "\", total = 20 }\n";
    Server server(sources, {}, trusting(plugins), Server::Start::Later);
    server.launch();
    // One after the other is configured, and those that hang have their time for it.
    REQUIRE(
        eventually([&] { return server.process->err().find("\"running\"") != std::string::npos; },
                   std::chrono::seconds(90)));
    // As soon as they run, or when each is where it hangs.
    (void)eventually([] { return false; }, std::chrono::seconds(GENERATE(0, 5)));
    const auto begun = std::chrono::steady_clock::now();
    const Ended ended = server.stop();
    CHECK(ended.signal == 0);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(25));
}
