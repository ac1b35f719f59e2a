#include "contract/plugin_bench.h"

#include "base/file.h"
#include "intake/batch_reader.h"

#include <elf.h>

#include <cstring>

using namespace hearback;
using hearback::testing::PluginBench;
using hearback::testing::TempFolder;
using pipeline::Verdict;

namespace {

std::string bytesOf(const std::filesystem::path& file) {
    auto bytes = base::readFile(file, 256 << 20);
    REQUIRE(bytes);
    return *bytes;
}

std::string goodPlugin() { return bytesOf(HEARBACK_ZOO "/zoo_good.so"); }

// What the host says about a plugin file with these bytes.
std::string problemOf(const std::string& bytes) {
    TempFolder folder;
    folder.write("plugin.so", bytes);
    return loader::inspectPlugin(folder / "plugin.so").problem;
}

bool contains(const std::string& text, const std::string& part) {
    INFO(text);
    return text.find(part) != std::string::npos;
}

// A directory with one animal of the zoo, so that ids do not clash.
struct Cage {
    explicit Cage(const std::string& animal) {
        std::filesystem::copy(HEARBACK_ZOO "/zoo_" + animal + ".so", folder / "zoo.so");
    }
    TempFolder folder;
};

// Why the animal cannot be made an instance.
std::string refusalOf(const std::string& animal) {
    const Cage cage(animal);
    PluginBench bench(cage.folder.path());
    CHECK(bench.make("zoo", "channel") == nullptr);
    CHECK(contains(bench.problem(), (cage.folder / "zoo.so").string()));
    return bench.problem();
}

pipeline::Answer pollOf(const std::string& animal) {
    const Cage cage(animal);
    PluginBench bench(cage.folder.path());
    const auto source = bench.source("zoo");
    REQUIRE(source->start(std::nullopt).isOk());
    pipeline::Answer answer = source->poll({});
    source->stop();
    return answer;
}

} // namespace

TEST_CASE("a good plugin is read without running it and then works", "[runtime]") {
    const Cage cage("good");
    const auto file = loader::inspectPlugin(cage.folder / "zoo.so");
    CHECK(file.problem.empty());
    CHECK(file.facts.exported == std::vector<std::string>{"hearback_plugin_entry"});
    REQUIRE(file.manifest.plugins.size() == 1);
    CHECK(file.manifest.plugins.front().id == "zoo");
    CHECK(pollOf("good").verdict == Verdict::End);
}

TEST_CASE("every shipped plugin exports one symbol and tells its manifest", "[runtime]") {
    const loader::Catalog catalog({HEARBACK_BINARY_DIR "/plugins"});
    CHECK(catalog.files().size() >= 7);
    for (const loader::PluginFile& file : catalog.files()) {
        INFO(file.path.string() << " " << file.problem);
        CHECK(file.problem.empty());
        CHECK(file.facts.exported.size() == 1);
        for (const std::string& library : file.facts.needed)
            CHECK(library.find("protobuf") == std::string::npos);
    }
}

TEST_CASE("files that are no plugins are refused with the reason", "[runtime]") {
    CHECK(contains(problemOf(""), "is no shared library"));
    CHECK(contains(problemOf("just some text"), "is no shared library"));
    CHECK(contains(problemOf(std::string(100000, '\x7f')), "is no shared library"));
    CHECK(contains(loader::inspectPlugin("/").problem, "is no regular file"));
    CHECK(contains(loader::inspectPlugin("/nowhere/x.so").problem, "is no regular file"));
    CHECK(contains(problemOf(bytesOf(HEARBACK_ZOO "/zoo_no_entry.so")),
                   "exports no symbol hearback_plugin_entry"));
    CHECK(contains(problemOf(bytesOf(HEARBACK_ZOO "/zoo_no_manifest.so")),
                   "has no section .hearback.manifest"));
    CHECK(contains(problemOf(bytesOf(HEARBACK_ZOO "/zoo_manifest_no_json.so")),
                   "its manifest is no JSON object"));
    CHECK(contains(problemOf(bytesOf(HEARBACK_ZOO "/zoo_manifest_abi.so")),
                   "has plugin ABI 2.0, wanted is 1.x"));
}

TEST_CASE("a plugin for another machine is refused and the machine named", "[runtime]") {
    std::string bytes = goodPlugin();
    Elf64_Ehdr header;
    std::memcpy(&header, bytes.data(), sizeof header);
    const auto with = [&](auto change) {
        Elf64_Ehdr changed = header;
        change(changed);
        std::string copy = bytes;
        std::memcpy(copy.data(), &changed, sizeof changed);
        return problemOf(copy);
    };
    CHECK(contains(with([](Elf64_Ehdr& h) { h.e_machine = EM_AARCH64 ^ EM_X86_64 ^ h.e_machine; }),
                   "is made for "));
    CHECK(contains(with([](Elf64_Ehdr& h) { h.e_machine = EM_RISCV; }), "is made for RISC-V"));
    CHECK(contains(with([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; }), "32-bit"));
    CHECK(contains(with([](Elf64_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }), "big-endian"));
    CHECK(contains(with([](Elf64_Ehdr& h) { h.e_type = ET_EXEC; }), "is no shared library"));
}

TEST_CASE("a plugin that is cut off anywhere is refused", "[runtime]") {
    const std::string bytes = goodPlugin();
    base::SeededRandom random(11);
    for (int i = 0; i < 200; ++i) {
        const std::size_t size = random.next() % bytes.size();
        INFO("size " << size);
        CHECK_FALSE(problemOf(bytes.substr(0, size)).empty());
    }
}

TEST_CASE("looking at a damaged plugin never ends the process", "[runtime]") {
    const std::string bytes = goodPlugin();
    base::SeededRandom random(12);
    for (int i = 0; i < 500; ++i) {
        std::string damaged = bytes;
        for (int flips = 0; flips < 8; ++flips)
            damaged[random.next() % damaged.size()] = static_cast<char>(random.next());
        (void)problemOf(damaged);
    }
}

TEST_CASE("an entry that does not fit is refused with what it has and what is wanted",
          "[runtime]") {
    CHECK(contains(refusalOf("wrong_magic"), "magic number 1, wanted is"));
    CHECK(contains(refusalOf("short_entry"), "an entry of size 8, wanted is"));
    CHECK(contains(refusalOf("other_abi"), "has abi_major 2, wanted is 1"));
    CHECK(contains(refusalOf("count_mismatch"), "has plugin_count 7, wanted is 1"));
    CHECK(contains(refusalOf("descriptor_mismatch"), "something else than its manifest"));
    CHECK(contains(refusalOf("create_fails"), "out of luck"));
    CHECK(contains(refusalOf("null_table"), "without a whole table"));
}

// A sanitizer's runtime is itself unresolved in a plugin until it is loaded.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("a symbol that cannot be found is an error when the plugin is loaded", "[runtime]") {
    CHECK(contains(refusalOf("unresolved"), "hearback_zoo_function_that_does_not_exist"));
}
#endif

TEST_CASE("a plugin without the tables of its kind is refused", "[runtime]") {
    const Cage cage("no_extension");
    PluginBench bench(cage.folder.path());
    auto instance = bench.make("zoo", "channel");
    REQUIRE(instance);
    const auto source = runtime::makeSource(instance);
    REQUIRE_FALSE(source);
    CHECK(contains(source.error().message, "offers no hearback.source/1"));
}

TEST_CASE("a plugin of the wrong kind is refused", "[runtime]") {
    PluginBench bench;
    CHECK(bench.make("language", "sink") == nullptr);
    CHECK(contains(bench.problem(), "is a classifier, wanted is a sink"));
    CHECK(bench.make("langauge", "classifier") == nullptr);
    CHECK(contains(bench.problem(), "did you mean \"language\""));
}

TEST_CASE("what a plugin does wrong in a call is an answer and the host lives", "[runtime]") {
    const auto thrown = pollOf("throws");
    CHECK(thrown.verdict == Verdict::Internal);
    CHECK(contains(thrown.text, "an exception came out of poll"));
    CHECK(pollOf("unknown_status").verdict == Verdict::Internal);
    const auto silent = pollOf("no_text");
    CHECK(silent.verdict == Verdict::Unavailable);
    CHECK(contains(silent.text, "said nothing"));
    CHECK(pollOf("too_much").verdict == Verdict::Limit);
    CHECK(pollOf("wrong_thread").verdict == Verdict::Internal);
    const auto garbage = pollOf("garbage_batch");
    CHECK_FALSE(intake::readBatch(garbage.bytes, {"s", "p"}, 0));
}

TEST_CASE("an instance that hangs in configure is left behind and said to hang", "[runtime]") {
    const Cage cage("hangs_in_configure");
    // Never freed: the thread that hangs still uses it.
    auto* bench = new PluginBench(cage.folder.path());
    CHECK(bench->make("zoo", "channel") == nullptr);
    CHECK(contains(bench->problem(), "configure did not return within 5 s"));
}

TEST_CASE("settings are held against the schema before the plugin sees them", "[runtime]") {
    PluginBench bench;
    CHECK(bench.make("feed", "channel", {{"url", "https://example.org"}, {"evry_s", 60}}) ==
          nullptr);
    CHECK(contains(bench.problem(),
                   "is no setting of the plugin \"feed\" (did you mean \"every_s\"?)"));
    CHECK(bench.make("feed", "channel", {{"url", "https://example.org"}, {"every_s", 1}}) ==
          nullptr);
    CHECK(bench.problems.front().path == "channel.settings.every_s");
    CHECK(bench.make("feed", "channel") == nullptr);
    CHECK(contains(bench.problem(), "is required"));
    CHECK(bench.make("feed", "channel", {{"url", 7}}) == nullptr);
    CHECK(bench.make("webhook", "channel", {{"secret", "written down"}}) == nullptr);
    CHECK(contains(bench.problem(), "must refer to a secret"));
    CHECK_FALSE(contains(bench.problem(), "written down"));
}

TEST_CASE("a value that a plugin keeps is there after a restart and is bounded", "[runtime]") {
    PluginBench bench;
    CHECK(bench.kv->set("it", "token", std::string("a\0b", 3)));
    CHECK(**bench.kv->get("it", "token") == std::string("a\0b", 3));
    CHECK_FALSE(*bench.kv->get("other", "token"));
    CHECK_FALSE(bench.kv->set("it", "big", std::string(70000, 'x')));
    CHECK_FALSE(bench.kv->set("it", std::string(300, 'k'), "x"));
    CHECK(bench.kv->remove("it", "token"));
    CHECK_FALSE(*bench.kv->get("it", "token"));
}

TEST_CASE("plugins reach public addresses with https and nothing else unasked", "[runtime]") {
    using egress::isPublicAddress;
    for (const char* address : {"8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"})
        CHECK(isPublicAddress(address));
    for (const char* address :
         {"127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
          "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "fe80::1", "fc00::1",
          "::ffff:127.0.0.1", "::ffff:8.8.8.8", "2001:db8::1", "2002:7f00:1::", "not an address"}) {
        INFO(address);
        CHECK_FALSE(isPublicAddress(address));
    }
    hearback::testing::ManualClock clock;
    const std::function<bool()> never = [] { return false; };
    const egress::Patience patience(clock, base::kMinute, never);
    const egress::EgressGuard guard(egress::EgressRules{{"127.0.0.1:8099"}, {443}});
    const auto admit = [&](const std::string& url) {
        const auto target = egress::parseUrl(url);
        return target && guard.admit(*target, patience);
    };
    CHECK(admit("http://127.0.0.1:8099/x"));
    CHECK_FALSE(admit("http://127.0.0.1:8100/x"));
    CHECK_FALSE(admit("https://127.0.0.1/"));
    CHECK_FALSE(admit("https://localhost/"));
    CHECK_FALSE(egress::parseUrl("ftp://example.org"));
    CHECK_FALSE(egress::parseUrl("https://user:word@example.org"));
    CHECK_FALSE(egress::parseUrl("https:///path"));
    CHECK_FALSE(egress::parseUrl("not an address"));
}
