// Whatever lies in a plugin directory: it is named with what is wrong with it, and nothing of it
// runs in this process.
#include "contract/plugin_bench.h"

#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace hearback;
using Catch::Matchers::Contains;
using hearback::testing::PluginBench;
using hearback::testing::TempFolder;

namespace {

namespace fs = std::filesystem;

const fs::path kZoo = HEARBACK_ZOO;

std::string problemOf(const fs::path& file) { return loader::inspectPlugin(file).problem; }

void copyOver(const fs::path& from, const fs::path& to) {
    const auto bytes = base::readFile(from, 256 << 20);
    REQUIRE(bytes);
    // In place: the same file, as a careless deployment does it.
    const int fd = ::open(to.c_str(), O_WRONLY | O_TRUNC | O_CREAT, 0644);
    REQUIRE(fd >= 0);
    REQUIRE(::write(fd, bytes->data(), bytes->size()) == static_cast<ssize_t>(bytes->size()));
    ::close(fd);
}

} // namespace

TEST_CASE("what is no file that can be read is refused and not waited for", "[zoo]") {
    TempFolder folder;
    REQUIRE(::mkfifo((folder / "fifo.so").c_str(), 0600) == 0);
    CHECK_THAT(problemOf(folder / "fifo.so"), Contains("is no regular file"));
    fs::create_symlink(folder / "gone", folder / "dangling.so");
    CHECK_FALSE(problemOf(folder / "dangling.so").empty());
    fs::create_directory(folder / "directory.so");
    CHECK_THAT(problemOf(folder / "directory.so"), Contains("is no regular file"));
    folder.write("sparse.so", "");
    fs::resize_file(folder / "sparse.so", std::uintmax_t{4} << 30U);
    CHECK_THAT(problemOf(folder / "sparse.so"), Contains("larger than"));
    folder.write("closed.so", "x");
    fs::permissions(folder / "closed.so", fs::perms::none);
    CHECK_FALSE(problemOf(folder / "closed.so").empty());
    CHECK_THAT(problemOf("/bin/true"), Contains("is no shared library") || Contains("no symbol"));
    // All of them at once are no reason to end.
    const loader::Catalog catalog({folder.path()});
    for (const loader::PluginFile& file : catalog.files()) CHECK_FALSE(file.problem.empty());
}

TEST_CASE("a plugin whose library is not there is refused by name", "[zoo]") {
    TempFolder folder;
    copyOver(kZoo / "zoo_needs_nowhere.so", folder / "zoo.so");
    PluginBench bench(folder.path());
    CHECK(bench.make("zoo", "channel") == nullptr);
    CHECK_THAT(bench.problem(), Contains("libhearback_nowhere.so"));
}

TEST_CASE("one file under several names is one plugin and two different ones are refused",
          "[zoo]") {
    TempFolder folder;
    fs::copy(kZoo / "zoo_good.so", folder / "a.so");
    fs::create_hard_link(folder / "a.so", folder / "b.so");
    {
        PluginBench bench(folder.path());
        CHECK(bench.make("zoo", "channel") != nullptr);
    }
    copyOver(kZoo / "zoo_throws.so", folder / "c.so");
    PluginBench bench(folder.path());
    CHECK(bench.make("zoo", "channel") == nullptr);
    CHECK_THAT(bench.problem(), Contains("two files claim the plugin \"zoo\"") &&
                                    Contains("a.so") && Contains("c.so"));
}

TEST_CASE("500 plugins in a directory are looked at and one of them is found", "[zoo]") {
    TempFolder folder;
    fs::copy(kZoo / "zoo_good.so", folder / "p0.so");
    for (int i = 1; i < 500; ++i)
        copyOver(kZoo / "zoo_manifest_abi.so", folder / ("p" + std::to_string(i) + ".so"));
    PluginBench bench(folder.path());
    CHECK(bench.make("zoo", "channel") != nullptr);
}

TEST_CASE("a plugin that runs outlives what is done to its file", "[zoo]") {
    TempFolder folder;
    fs::copy(kZoo / "zoo_cruel.so", folder / "zoo.so");
    PluginBench bench(folder.path());
    bench.isolation = GENERATE(config::Isolation::InProcess, config::Isolation::Worker);
    const auto source = bench.source("cruel", {{"total", 10}});
    SECTION("overwritten in place") { copyOver(kZoo / "zoo_good.so", folder / "zoo.so"); }
    SECTION("cut off") { fs::resize_file(folder / "zoo.so", 100); }
    SECTION("deleted") { fs::remove(folder / "zoo.so"); }
    REQUIRE(source->start(std::nullopt).isOk());
    CHECK(source->poll({}).verdict == pipeline::Verdict::End);
    source->stop();
}

TEST_CASE("what others may write is not loaded", "[zoo]") {
    TempFolder folder;
    fs::create_directory(folder / "plugins");
    fs::copy(kZoo / "zoo_good.so", folder / "plugins/zoo.so");
    fs::permissions(folder / "plugins", fs::perms::all);
    const std::string problem = runtime::writableByOthers(folder / "plugins/zoo.so");
    CHECK_THAT(problem, Contains((folder / "plugins").string()));
    fs::permissions(folder / "plugins", fs::perms::owner_all);
    fs::permissions(folder / "plugins/zoo.so", fs::perms::all);
    CHECK_FALSE(runtime::writableByOthers(folder / "plugins/zoo.so").empty());
}

TEST_CASE("a plugin with symbols of the host's names keeps them to itself", "[zoo]") {
    TempFolder folder;
    fs::copy(kZoo / "zoo_same_symbols.so", folder / "zoo.so");
    PluginBench bench(folder.path());
    // More than one symbol is exported: it may run, but never in the host.
    bench.isolation = config::Isolation::Worker;
    const auto source = bench.source("zoo");
    REQUIRE(source->start(std::nullopt).isOk());
    CHECK(source->poll({}).verdict == pipeline::Verdict::End);
    source->stop();
}

// A sample of the long search below: a few bytes of a good plugin are others.
static void flip(int seeds, std::uint64_t seed) {
    const auto good = base::readFile(kZoo / "zoo_good.so", 256 << 20);
    REQUIRE(good);
    base::SeededRandom random(seed);
    int ran = 0;
    for (int i = 0; i < seeds; ++i) {
        TempFolder folder;
        std::string damaged = *good;
        for (int flips = 0; flips < 3; ++flips)
            damaged[random.next() % damaged.size()] ^= static_cast<char>(1 + random.next() % 255);
        folder.write("zoo.so", damaged);
        PluginBench bench(folder.path());
        bench.isolation = config::Isolation::Worker;
        auto instance = bench.make("zoo", "channel");
        if (!instance) {
            CHECK_FALSE(bench.problem().empty());
            continue;
        }
        const auto answer = instance->run({.method = loader::Method::Start});
        ran += answer.isOk() ? 1 : 0;
        if (!answer.isOk()) CHECK_FALSE(answer.text.empty());
    }
    // Most bytes are never looked at: the plugin works.
    CHECK(ran > 0);
}

TEST_CASE("a plugin with wrong bytes harms its worker at most", "[zoo]") { flip(20, 4); }
TEST_CASE("many plugins with wrong bytes harm their workers at most", "[zoo][.nightly]") {
    flip(2000, 5);
}

TEST_CASE("a plugin with wrong bytes is not the one that was trusted", "[zoo]") {
    TempFolder folder;
    auto bytes = base::readFile(kZoo / "zoo_good.so", 256 << 20);
    REQUIRE(bytes);
    folder.write("zoo.so", *bytes);
    const auto before = loader::inspectPlugin(folder / "zoo.so");
    REQUIRE(runtime::Trust::add(folder / "trust.toml", {before.hash, "zoo", "1", "", ""}));
    std::vector<config::Problem> problems;
    const runtime::Trust trust({}, folder / "trust.toml", false, problems);
    CHECK(trust.of(before) == runtime::Standing::Trusted);
    bytes->back() ^= 1;
    folder.write("zoo.so", *bytes);
    CHECK(trust.of(loader::inspectPlugin(folder / "zoo.so")) == runtime::Standing::Unknown);
}
