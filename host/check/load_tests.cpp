// Level 0: what a library is, and what loading it does, before any function of it is called.
#include "check/bench.h"
#include "check/process_facts.h"
#include "check/test.h"

#include <algorithm>
#include <dlfcn.h>
#include <regex>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace hearback::check {

namespace {

constexpr base::Micros kLoadMax = 100 * base::kMillisecond;

std::string joinedWords(const std::vector<std::string>& words) {
    std::string all;
    for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
    return all;
}

void* open(const Bench& bench) {
    return ::dlopen(bench.file().path.c_str(), RTLD_NOW | RTLD_LOCAL);
}

const hb_plugin_entry& openedEntry(Bench& bench) {
    void* const handle = open(bench);
    if (handle == nullptr) bench.skip("it cannot be loaded: see load/binds");
    const void* const entry = ::dlsym(handle, HB_ENTRY_SYMBOL);
    if (entry == nullptr) bench.skip("it exports no entry: see load/file");
    return *static_cast<const hb_plugin_entry*>(entry);
}

void loadFile(Bench& bench) {
    const bool is_program = bench.file().path.string().ends_with(".plugin.json");
    bench.expect(bench.file().problem.empty(),
                 is_program ? "the manifest of a program that is there"
                            : "a whole shared library for this machine, with its manifest inside",
                 "the file " + bench.file().problem);
}

void loadOneSymbol(Bench& bench) {
    std::vector<std::string> others;
    const auto& unique = bench.file().facts.unique;
    for (const std::string& symbol : bench.file().facts.exported)
        if (symbol != HB_ENTRY_SYMBOL &&
            std::find(unique.begin(), unique.end(), symbol) == unique.end())
            others.push_back(symbol);
    bench.expect(others.empty(), "only hearback_plugin_entry is exported",
                 "exported too: " + joinedWords(others) + "; build it with hearback_add_plugin()");
}

void loadNoUniqueSymbols(Bench& bench) {
    const auto& unique = bench.file().facts.unique;
    bench.expect(unique.empty(), "no symbol that all libraries of the process share",
                 joinedWords(unique) + ": compile with -fno-gnu-unique, and hide it");
}

void loadLibraries(Bench& bench) {
    for (const std::string& needed : bench.file().facts.needed) {
        bench.expect(!needed.starts_with("libsoci") && !needed.starts_with("libsqlite3") &&
                         !needed.starts_with("libpq"),
                     "the plugin does without the database of the host",
                     "it is linked with " + needed);
        if (needed.starts_with("libprotobuf"))
            bench.warn("it is linked with " + needed + ": it can only run in a worker");
    }
}

void loadBinds(Bench& bench) {
    if (!bench.file().problem.empty()) bench.skip("see load/file");
    const void* const handle = open(bench);
    bench.expect(handle != nullptr, "every symbol is found when the library is loaded",
                 handle == nullptr ? ::dlerror() : "");
}

void loadEntry(Bench& bench) {
    const hb_plugin_entry& entry = openedEntry(bench);
    const auto must = [&](const char* field, std::uint64_t has, std::uint64_t wanted) {
        bench.expect(has == wanted,
                     "the entry's " + std::string(field) + " is " + std::to_string(wanted),
                     "it is " + std::to_string(has));
    };
    must("magic", entry.magic, HB_ENTRY_MAGIC);
    bench.expect(entry.struct_size >= sizeof(hb_plugin_entry) && entry.struct_size <= 4096,
                 "the entry's struct_size is its size, " + std::to_string(sizeof(hb_plugin_entry)),
                 "it is " + std::to_string(entry.struct_size));
    must("abi_major", entry.abi_major, HB_ABI_MAJOR);
    bench.expect(entry.plugin_count > 0, "there is a plugin in it", "its plugin_count is 0");
    bench.expect(entry.descriptor != nullptr && entry.create != nullptr,
                 "the entry has the functions descriptor and create", "one of them is null");
}

// The fastest of three fresh processes: the machine may be busy.
void loadQuick(Bench& bench) {
    base::Micros best = base::kHour;
    for (int i = 0; i < 3; ++i) {
        const base::SystemClock clock;
        int pipe[2];
        HB_ASSERT(::pipe(pipe) == 0);
        const pid_t pid = ::fork();
        if (pid == 0) {
            const base::Micros begun = clock.steady();
            const bool is_there = open(bench) != nullptr;
            const base::Micros took = is_there ? clock.steady() - begun : -1;
            const auto written = ::write(pipe[1], &took, sizeof took);
            ::_exit(written == sizeof took ? 0 : 1);
        }
        ::close(pipe[1]);
        base::Micros took = -1;
        const bool is_told = ::read(pipe[0], &took, sizeof took) == sizeof took;
        ::close(pipe[0]);
        int status = 0;
        ::waitpid(pid, &status, 0);
        if (!is_told || took < 0) bench.skip("it cannot be loaded: see load/binds");
        best = std::min(best, took);
    }
    bench.expect(best <= kLoadMax, "it is loaded within 100 ms",
                 "it takes " + std::to_string(best / base::kMillisecond) +
                     " ms at best: do that work in configure() or start()");
}

void loadManifest(Bench& bench) {
    const hb_plugin_entry& entry = openedEntry(bench);
    const auto& plugins = bench.file().manifest.plugins;
    bench.expect(entry.plugin_count == plugins.size(),
                 "the entry has as many plugins as the manifest, " + std::to_string(plugins.size()),
                 "it has " + std::to_string(entry.plugin_count));
    if (entry.descriptor == nullptr) bench.skip("see load/entry");
    for (std::uint32_t i = 0; i < entry.plugin_count; ++i) {
        hb_text text{};
        entry.descriptor(i, &text);
        const auto said = nlohmann::json::parse(
            text.data == nullptr ? std::string() : std::string(text.data, text.size), nullptr,
            false);
        bench.expect(said == plugins[i].whole,
                     "descriptor(" + std::to_string(i) + ") says what the manifest says",
                     said.is_discarded()
                         ? "it is no JSON"
                         : "it differs: " +
                               nlohmann::json::diff(plugins[i].whole, said).dump().substr(0, 300));
    }
}

void loadIds(Bench& bench) {
    static const std::regex id("[a-z][a-z0-9]*([-.][a-z0-9]+)*");
    static const std::regex version("[0-9][0-9A-Za-z.+-]*");
    static const std::regex extension("[a-z0-9.-]+/[0-9]+");
    const std::set<std::string> needs = {"http", "ingress", "files", "sockets"};
    std::set<std::string> seen;
    for (const auto& plugin : bench.file().manifest.plugins) {
        bench.expect(plugin.id.size() <= 64 && std::regex_match(plugin.id, id),
                     "ids are small letters, digits, - and ., at most 64",
                     "there is the id \"" + plugin.id + "\"");
        bench.expect(seen.insert(plugin.id).second, "each plugin of a library has its own id",
                     "two are called " + plugin.id);
        bench.expect(std::regex_match(plugin.version, version),
                     "a version begins with a digit: 1.0.0",
                     plugin.id + " has the version \"" + plugin.version + "\"");
        bench.expect(!plugin.summary.empty(), "a plugin says in a sentence what it is",
                     plugin.id + " has no summary");
        for (const std::string& each : plugin.extensions)
            bench.expect(std::regex_match(each, extension),
                         "the id of an extension ends in its revision: hearback.source/1",
                         plugin.id + " lists \"" + each + "\"");
        for (const std::string& each : plugin.needs)
            bench.expect(needs.contains(each), "needs are among http, ingress, files, sockets",
                         plugin.id + " needs \"" + each + "\"");
    }
}

void loadQuiet(Bench& bench) {
    const ProcessFacts before = ProcessFacts::now();
    CapturedOutput output(bench.folder() / "output");
    if (open(bench) == nullptr) bench.skip("it cannot be loaded: see load/binds");
    // A thread needs a moment to do something.
    ::usleep(20000);
    const std::string written = output.end();
    const ProcessFacts after = ProcessFacts::now();
    const std::string changed = before.differenceTo(after);
    bench.expect(changed.empty(), "loading a library changes nothing in its process",
                 "it leaves behind: " + changed);
    bench.expect(written.empty(), "loading a library writes nothing to the terminal",
                 "it writes \"" + written.substr(0, 200) + "\"");
}

constexpr std::string_view kGuide = "docs/plugins.md";
constexpr std::string_view kAbi = "hearback/plugin/abi.h";

constexpr Test kTests[] = {
    {"load/file", 0, kAllKinds,
     "The file is a whole shared library for this machine with a manifest", kGuide,
     "A library that is made for another CPU, exports no entry, has no manifest", loadFile},
    {"load/one-symbol", 0, kAllKinds, "Nothing is exported but the entry", kAbi,
     "exports one symbol, `hearback_plugin_entry`", loadOneSymbol},
    {"load/no-unique-symbols", 0, kAllKinds,
     "No symbol is of the kind that all libraries of a process share", kGuide,
     "two plugins with the same inline variable would share it otherwise", loadNoUniqueSymbols},
    {"load/libraries", 0, kAllKinds,
     "It is linked with no library that must not meet the host's own", kGuide,
     "It needs the headers of the SDK and nothing of the host", loadLibraries},
    {"load/binds", 0, kAllKinds, "Every symbol is found when the library is loaded", kGuide,
     "every symbol bound at load, and no undefined symbol", loadBinds},
    {"load/quick", 0, kAllKinds, "It is loaded within 100 ms", kGuide,
     "Loading a library takes less than 100 ms and leaves nothing behind", loadQuick, 30},
    {"load/quiet", 0, kAllKinds,
     "Loading it starts no thread, opens no file, writes nothing, and sets nothing of the process",
     kGuide, "Loading a library takes less than 100 ms and leaves nothing behind", loadQuiet},
    {"load/entry", 0, kAllKinds,
     "The entry has its magic number, its size, version 1 and functions", kAbi,
     "so that magic and version are read before any function is called", loadEntry},
    {"load/manifest", 0, kAllKinds, "The entry describes the same plugins as the manifest", kAbi,
     "The manifest of one plugin in this library, equal to its entry in the section", loadManifest},
    {"load/ids", 0, kAllKinds, "Ids, versions, extensions and needs are well formed", kGuide,
     "Ids are small letters, digits, `-` and `.`", loadIds},
};

} // namespace

std::span<const Test> loadTests() { return kTests; }

} // namespace hearback::check
