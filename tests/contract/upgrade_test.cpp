// New versions of plugins that run, from the file to the instance: in this process and in workers.
#include "contract/plugin_bench.h"

#include <fstream>
#include <iterator>

using namespace hearback;
using Catch::Matchers::Contains;
using hearback::testing::PluginBench;
using pipeline::Verdict;
using runtime::UpgradeOutcome;

namespace {

// A folder with a plugin that gets new versions: the same code with other bytes behind it.
struct UpgradeBench : PluginBench {
    explicit UpgradeBench(config::Isolation where) : PluginBench(folderOf()) {
        ::setenv("ASAN_OPTIONS", "handle_abort=0:detect_leaks=0", 1);
        isolation = where;
        folder.write("go", "");
    }
    // Before the first instance, and for each upgrade.
    static std::filesystem::path folderOf() {
        static int number = 0;
        auto where =
            std::filesystem::temp_directory_path() /
            ("hearback-upgrade-" + std::to_string(::getpid()) + "-" + std::to_string(++number));
        std::filesystem::create_directories(where);
        put(where, 0);
        return where;
    }
    static void put(const std::filesystem::path& where, int version) {
        const auto next = where / "next";
        std::filesystem::copy_file(HEARBACK_ZOO "/zoo_numbers.so", next,
                                   std::filesystem::copy_options::overwrite_existing);
        std::ofstream(next, std::ios::app) << "version " << version;
        std::filesystem::rename(next, where / "numbers.so");
    }
    std::set<std::string> upgradeTo(int version) {
        put(host.catalog().files().front().path.parent_path(), version);
        return host.upgrade(runtime::Trust({}, folder / "trust.toml", true, problems));
    }
    std::unique_ptr<pipeline::Source> numbers() {
        return source("numbers",
                      {{"go", (folder / "go").string()}, {"faults", (folder / "faults").string()}});
    }
    runtime::UpgradeNote last() const {
        const auto notes = upgrades.list();
        REQUIRE(notes);
        REQUIRE(notes->size() == 1);
        return notes->front();
    }
};

} // namespace

TEST_CASE("a channel goes on from its checkpoint in the new version", "[upgrade]") {
    UpgradeBench bench(GENERATE(config::Isolation::InProcess, config::Isolation::Worker,
                                config::Isolation::WorkerShared));
    const auto source = bench.numbers();
    REQUIRE(source->start(std::nullopt).isOk());
    REQUIRE(source->poll({}).isOk());
    // Nothing new, nothing offered.
    CHECK(bench.upgradeTo(0).empty());
    CHECK(bench.upgrades.list()->empty());
    CHECK(bench.upgradeTo(1) == std::set<std::string>{"it"});
    CHECK(bench.last().outcome == UpgradeOutcome::Waiting);
    source->stop();
    REQUIRE(source->start("5").isOk());
    CHECK(bench.last().outcome == UpgradeOutcome::OnTrial);
    CHECK(source->poll({}).isOk());
    bench.clock.advance(base::kMinute);
    CHECK(source->poll({}).isOk());
    CHECK(bench.last().outcome == UpgradeOutcome::Done);
}

TEST_CASE("a version whose check fails is not even tried", "[upgrade]") {
    UpgradeBench bench(GENERATE(config::Isolation::InProcess, config::Isolation::Worker));
    const auto source = bench.numbers();
    REQUIRE(source->start(std::nullopt).isOk());
    bench.folder.write("faults", "check");
    CHECK(bench.upgradeTo(1).empty());
    CHECK(bench.last().outcome == UpgradeOutcome::Refused);
    CHECK_THAT(bench.last().cause, Contains("told to fail in check"));
    CHECK(source->poll({}).isOk());
}

TEST_CASE("a version that crashes at its start or on trial is rolled back", "[upgrade]") {
    UpgradeBench bench(config::Isolation::Worker);
    const std::string function = GENERATE("crash-start", "start", "crash-poll", "poll");
    const auto source = bench.numbers();
    REQUIRE(source->start(std::nullopt).isOk());
    REQUIRE(bench.upgradeTo(1).size() == 1);
    source->stop();
    bench.folder.write("faults", function);
    const bool at_start = function.ends_with("start");
    if (at_start) {
        // The old one is told to fail in the same way; what matters is that it is asked.
        (void)source->start("5");
    } else {
        REQUIRE(source->start("5").isOk());
        CHECK(source->poll({}).verdict == Verdict::Internal);
        source->stop();
        bench.folder.write("faults", "");
        bench.clock.advance(base::kMinute / 2);
        REQUIRE(source->start("5").isOk());
        CHECK(source->poll({}).isOk());
    }
    CHECK(bench.last().outcome == UpgradeOutcome::RolledBack);
    CHECK_THAT(bench.last().cause, Contains("numbers.so"));
}

TEST_CASE("a file that is no plugin any more leaves what runs alone", "[upgrade]") {
    UpgradeBench bench(config::Isolation::InProcess);
    const auto source = bench.numbers();
    REQUIRE(source->start(std::nullopt).isOk());
    std::filesystem::remove(bench.host.catalog().files().front().path);
    CHECK(bench.host.upgrade(runtime::Trust({}, bench.folder / "t", true, bench.problems)).empty());
    CHECK(bench.last().outcome == UpgradeOutcome::Refused);
    CHECK_THAT(bench.last().cause, Contains("there is no plugin \"numbers\""));
    CHECK(source->poll({}).isOk());
}

TEST_CASE("a version that nobody trusts is not loaded beside the one that runs", "[upgrade]") {
    UpgradeBench bench(config::Isolation::Worker);
    const auto source = bench.numbers();
    REQUIRE(source->start(std::nullopt).isOk());
    const auto where = bench.host.catalog().files().front().path.parent_path();
    UpgradeBench::put(where, 1);
    CHECK(
        bench.host.upgrade(runtime::Trust({}, bench.folder / "t", false, bench.problems)).empty());
    CHECK(bench.last().outcome == UpgradeOutcome::Refused);
    CHECK_THAT(bench.last().cause, Contains("nobody has trusted it"));
    CHECK(source->poll({}).isOk());
}

TEST_CASE("a version that sends to more hosts waits for an operator", "[upgrade]") {
    const auto hosts = [](const std::filesystem::path& where, const std::string& pattern) {
        std::ifstream in(HEARBACK_ZOO "/services/zoo_services.so", std::ios::binary);
        std::string bytes{std::istreambuf_iterator<char>(in), {}};
        const std::string known = "*.elsewhere.example";
        REQUIRE(pattern.size() == known.size());
        // In the section that is read before loading, and in the table that is read then.
        std::size_t at = bytes.find(known);
        REQUIRE(at != std::string::npos);
        for (; at != std::string::npos; at = bytes.find(known, at + 1))
            bytes.replace(at, known.size(), pattern);
        std::ofstream(where / "next", std::ios::binary) << bytes;
        std::filesystem::rename(where / "next", where / "services.so");
    };
    const hearback::testing::TempFolder plugins;
    hosts(plugins.path(), "*.elsewhere.example");
    PluginBench bench(plugins.path());
    bench.isolation = config::Isolation::Worker;
    bench.folder.write("token", "s3cret-token");
    const auto source =
        bench.source("services", {{"url", "https://x.example/"}, {"token", "file:token"}});
    hosts(plugins.path(), "*.overthere.example");
    CHECK(bench.host.upgrade(runtime::Trust({}, bench.folder / "t", true, bench.problems)).empty());
    const auto notes = bench.upgrades.list();
    REQUIRE(notes);
    REQUIRE(notes->size() == 1);
    CHECK(notes->front().outcome == UpgradeOutcome::Refused);
    CHECK_THAT(notes->front().cause, Contains("wants to send to *.overthere.example"));
    // Fewer need nobody.
    hosts(plugins.path(), "x.elsewhere.example");
    bench.host.upgrade(runtime::Trust({}, bench.folder / "t", true, bench.problems));
    CHECK(bench.upgrades.list()->front().outcome == UpgradeOutcome::Waiting);
}

TEST_CASE("this process takes eight versions of a plugin and says what to do then", "[upgrade]") {
    UpgradeBench bench(config::Isolation::InProcess);
    const auto source = bench.numbers();
    for (int version = 1; version <= 8; ++version) {
        REQUIRE(source->start("5").isOk());
        CHECK(bench.upgradeTo(version).size() == (version < 8 ? 1 : 0));
        source->stop();
    }
    CHECK(bench.last().outcome == UpgradeOutcome::Refused);
    CHECK_THAT(bench.last().cause, Contains("restart it, or set isolation = \"worker\""));
}
