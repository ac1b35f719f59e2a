// Level 0: two versions of one library in a process, as there are while it is brought up to date.
#include "check/bench.h"
#include "check/test.h"

#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <unistd.h>

namespace hearback::check {

namespace {

struct Mapping {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    std::vector<std::pair<std::uintptr_t, std::uintptr_t>> writable;
};

struct Search {
    std::string path;
    Mapping found;
};

// The segments of the library with that path.
Mapping mappingOf(const std::filesystem::path& path) {
    Search search{path.string(), {}};
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            auto& into = *static_cast<Search*>(data);
            if (info->dlpi_name == nullptr || into.path != info->dlpi_name) return 0;
            for (int i = 0; i < info->dlpi_phnum; ++i) {
                const ElfW(Phdr)& segment = info->dlpi_phdr[i];
                if (segment.p_type != PT_LOAD) continue;
                const std::uintptr_t begin = info->dlpi_addr + segment.p_vaddr;
                const std::uintptr_t end = begin + segment.p_memsz;
                Mapping& mapping = into.found;
                if (mapping.begin == 0) mapping.begin = begin;
                mapping.end = std::max(mapping.end, end);
                if ((segment.p_flags & PF_W) != 0) mapping.writable.emplace_back(begin, end);
            }
            return 1;
        },
        &search);
    return search.found;
}

// How many words of one library's data lead into the other one. Read through the kernel: what is
// looked at may be anything.
std::size_t wordsInto(const Mapping& from, const Mapping& into) {
    const int fd = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    std::size_t count = 0;
    for (const auto& [begin, end] : from.writable) {
        std::string bytes(end - begin, '\0');
        const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(begin));
        for (std::size_t at = 0;
             at + sizeof(std::uintptr_t) <= static_cast<std::size_t>(std::max<ssize_t>(got, 0));
             at += sizeof(std::uintptr_t)) {
            std::uintptr_t word = 0;
            std::memcpy(&word, bytes.data() + at, sizeof word);
            if (word >= into.begin && word < into.end) ++count;
        }
    }
    ::close(fd);
    return count;
}

const hb_plugin_entry* open(Bench& bench, const std::filesystem::path& path) {
    void* const handle = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) bench.skip("it cannot be loaded: see load/binds");
    return static_cast<const hb_plugin_entry*>(::dlsym(handle, HB_ENTRY_SYMBOL));
}

Said firstCall(Bench& bench, const hb_plugin_entry& entry) {
    HostSide& host = bench.host();
    const Created made = createInstance(entry, host, bench.manifest().id);
    if (!made.isWhole()) return made.said;
    Subject& subject = *new Subject(host, made, {}); // lives as long as the process
    return subject.configure(bench.settings());
}

void besideItself(Bench& bench) {
    (void)bench.entry(); // what is wrong with one alone is told elsewhere
    const std::filesystem::path& first = bench.file().path;
    const std::filesystem::path second = bench.folder() / "second.so";
    std::filesystem::copy_file(first, second);
    const hb_plugin_entry* const one = open(bench, first);
    const hb_plugin_entry* const two = open(bench, second);
    bench.expect(one != two && one != nullptr && two != nullptr,
                 "two copies of the library have two entries", "they have one");
    const std::size_t shared = wordsInto(mappingOf(second), mappingOf(first));
    bench.expect(shared == 0, "a second version of the library uses nothing of the first",
                 std::to_string(shared) +
                     " of its references lead into the first: hide all symbols, and compile "
                     "with -fno-gnu-unique");
    const Said with_one = firstCall(bench, *one);
    if (!with_one.isOk()) bench.skip("no instance could be made and configured: see life/walk");
    const Said with_two = firstCall(bench, *two);
    bench.expect(with_two.isOk(), "a second version beside the first makes its own instances",
                 "it gives " + describe(with_two));
}

constexpr Test kTests[] = {
    {"load/beside-itself", 0, kAllKinds,
     "A second version of it in the same process shares nothing with the first", "docs/plugins.md",
     "two plugins with the same inline variable would share it otherwise", besideItself},
};

} // namespace

std::span<const Test> besideTests() { return kTests; }

} // namespace hearback::check
