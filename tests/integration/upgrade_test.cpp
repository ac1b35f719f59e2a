// Plugins are replaced while feedback flows through them.
#include "integration/server.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <set>
#include <sstream>

using namespace hearback;
using namespace hearback::testing;

namespace {

void put(const std::filesystem::path& where, int version) {
    std::filesystem::copy_file(HEARBACK_ZOO "/zoo_numbers.so", where / "next",
                               std::filesystem::copy_options::overwrite_existing);
    std::ofstream(where / "next", std::ios::app) << "version " << version;
    std::filesystem::rename(where / "next", where / "numbers.so");
}

std::size_t openFiles(int process) {
    std::size_t count = 0;
    for (const auto& each :
         std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/fd")) {
        (void)each;
        ++count;
    }
    return count;
}

} // namespace

TEST_CASE("200 upgrades of a channel, a classifier and a sink under load lose and double nothing",
          "[upgrade]") {
    const TempFolder plugins;
    const TempFolder files;
    put(plugins.path(), 0);
    files.write("go", "");
    Server server(R"(
[[source]]
name = "numbers"
plugin = "numbers"
settings = { go = ")" +
                      (files / "go").string() + R"(" }
[[classifier]]
name = "parity"
plugin = "parity"
[[sink]]
name = "tally"
plugin = "tally"
settings = { path = ")" +
                      (files / "tally").string() + R"(" }
[[route]]
name = "all"
sinks = ["tally"]
)",
                  {},
                  "plugin_dirs = [\"" + plugins.path().string() + "\"]\ntrust = { all = true }\n");
    const int host = server.process->pid();
    int version = 0;
    const auto upgrade = [&] {
        put(plugins.path(), ++version);
        const auto upgraded = server.json({"plugin", "upgrade"});
        REQUIRE(upgraded.size() == 3);
        for (const auto& each : upgraded) {
            INFO(each.dump());
            REQUIRE((each["outcome"] == "on trial" || each["outcome"] == "done"));
        }
    };
    std::int64_t before = -1;
    for (int i = 0; i < 200; ++i) {
        upgrade();
        // It flowed meanwhile.
        const std::int64_t now = server.messages();
        CHECK(now > before);
        before = now;
    }
    std::filesystem::remove(files / "go");
    REQUIRE(eventually([&] {
        const auto status = server.status();
        return status["deliveries_waiting"] == 0 && status["pending_annotations"] == 0 &&
               status["messages"] == server.messages();
    }));
    // What is stored fills the caches of the database up to their limits; upgrades alone fill
    // nothing.
    const std::int64_t kib = residentKib(host);
    const std::size_t opened = openFiles(host);
    // The allocator takes and gives back more than a MiB at a time; 180 libraries leak no 12 KiB
    // each.
    for (int i = 0; i < 60; ++i) upgrade();
    CHECK(residentKib(host) < kib + 2048);
    CHECK(openFiles(host) < opened + 4);
    WARN(before << " messages through 200 upgrades of each, " << kib << " KiB then and "
                << residentKib(host) << " after 60 more");
    const auto status = server.status();
    const auto messages = status["messages"].get<std::int64_t>();
    INFO(status.dump(2));
    CHECK(status["sources"][0]["duplicates"] == 0);
    CHECK(status["sources"][0]["inserted"] == messages);
    CHECK(status["dead_letters"] == 0);
    CHECK(status["classifiers"][0]["messages"].get<std::int64_t>() >= messages);
    std::set<std::string> keys;
    std::set<std::int64_t> ids;
    std::istringstream tally(files.read("tally"));
    std::int64_t lines = 0;
    for (std::string key, id; tally >> key >> id; ++lines) {
        keys.insert(key);
        ids.insert(std::stoll(id));
    }
    CHECK(lines == messages);
    CHECK(static_cast<std::int64_t>(keys.size()) == messages);
    REQUIRE_FALSE(ids.empty());
    CHECK(*ids.begin() == 0);
    CHECK(*ids.rbegin() == messages - 1);
    CHECK(server.stop().code == 0);
}

TEST_CASE("upgrade says that nothing runs, that nothing is new, and what was rolled back",
          "[upgrade]") {
    const TempFolder plugins;
    const TempFolder files;
    put(plugins.path(), 0);
    Server server(
        R"(
[[source]]
name = "numbers"
plugin = "numbers"
settings = { go = ")" +
            (files / "go").string() + R"(", faults = ")" + (files / "faults").string() + R"(" }
)",
        {}, "plugin_dirs = [\"" + plugins.path().string() + "\"]\ntrust = { all = true }\n");
    const Ended same = server.run({"plugin", "upgrade"});
    CHECK(same.code == 0);
    CHECK(same.out.find("nothing new") != std::string::npos);
    files.write("faults", "start");
    put(plugins.path(), 1);
    const Ended failed = server.run({"plugin", "upgrade"});
    CHECK(failed.code == 1);
    CHECK(failed.out.find("rolled back") != std::string::npos);
    CHECK(failed.out.find("told to fail in start") != std::string::npos);
    files.write("faults", "");
    // A second host on the same data is refused while the first one runs.
    const Ended second = server.run({"serve"});
    CHECK(second.code == 1);
    CHECK(second.err.find("another `hearback serve` runs on") != std::string::npos);
    CHECK(server.stop().code == 0);
    const Ended none = server.run({"plugin", "upgrade"});
    CHECK(none.code == 4);
    CHECK(none.err.find("no `hearback serve` runs") != std::string::npos);
}
