#include "loader/elf_image.h"

#include "hearback/plugin/abi.h"

#include <algorithm>
#include <cstring>
#include <elf.h>
#include <optional>

namespace hearback::loader {

namespace {

using base::Code;
using base::Error;

// What this host can load.
#if defined(__x86_64__)
constexpr Elf64_Half kMachine = EM_X86_64;
constexpr const char* kMachineName = "x86-64";
#elif defined(__aarch64__)
constexpr Elf64_Half kMachine = EM_AARCH64;
constexpr const char* kMachineName = "AArch64";
#else
#    error "name the ELF machine number of this platform"
#endif

std::string machineName(Elf64_Half machine) {
    switch (machine) {
    case EM_386: return "32-bit x86";
    case EM_X86_64: return "x86-64";
    case EM_ARM: return "32-bit ARM";
    case EM_AARCH64: return "AArch64";
    case EM_RISCV: return "RISC-V";
    case EM_PPC64: return "PowerPC 64";
    case EM_S390: return "S/390";
    default: return "machine number " + std::to_string(machine);
    }
}

// Reads structures out of the file; whatever would lie outside is an answer of none.
class ElfReader {
  public:
    explicit ElfReader(std::string_view bytes) : bytes_(bytes) {}

    template <class T>
    std::optional<T> at(std::uint64_t offset) const {
        if (offset > bytes_.size() || bytes_.size() - offset < sizeof(T)) return std::nullopt;
        T value;
        std::memcpy(&value, bytes_.data() + offset, sizeof(T));
        return value;
    }
    std::optional<std::string_view> range(std::uint64_t offset, std::uint64_t size) const {
        if (offset > bytes_.size() || bytes_.size() - offset < size) return std::nullopt;
        return bytes_.substr(offset, size);
    }

  private:
    std::string_view bytes_;
};

// A text that ends with a zero byte within its table.
std::string textAt(std::string_view table, std::uint64_t offset) {
    if (offset >= table.size()) return {};
    const std::string_view rest = table.substr(offset);
    return std::string(rest.substr(0, rest.find('\0')));
}

class Inspector {
  public:
    explicit Inspector(std::string_view bytes) : size_(bytes.size()), in_(bytes) {}

    base::Result<ElfFacts> run() {
        for (const auto step :
             {&Inspector::readHeader, &Inspector::readSegments, &Inspector::readSections}) {
            const auto done = (this->*step)();
            if (!done) return done.error();
        }
        readDynamic();
        readSymbols();
        return facts_;
    }

  private:
    static Error invalid(std::string message) { return {Code::Invalid, std::move(message)}; }

    base::Result<void> readHeader() {
        const auto header = in_.at<Elf64_Ehdr>(0);
        const auto ident = in_.range(0, EI_NIDENT);
        if (!ident || std::memcmp(ident->data(), ELFMAG, SELFMAG) != 0)
            return invalid("is no shared library (it does not begin like an ELF file)");
        if ((*ident)[EI_CLASS] != ELFCLASS64)
            return invalid("is a 32-bit library, this host needs a 64-bit one");
        if ((*ident)[EI_DATA] != ELFDATA2LSB)
            return invalid("has big-endian data, this host needs little-endian");
        if (!header) return invalid("is cut off within its header");
        header_ = *header;
        if (header_.e_machine != kMachine)
            return invalid("is made for " + machineName(header_.e_machine) + ", this host is " +
                           kMachineName);
        if (header_.e_type != ET_DYN)
            return invalid("is no shared library (ELF type " + std::to_string(header_.e_type) +
                           ")");
        return {};
    }

    // Every segment must lie within the file: the loader maps it and would fault on the first use.
    base::Result<void> readSegments() {
        for (int i = 0; i < header_.e_phnum; ++i) {
            const auto offset =
                header_.e_phoff + static_cast<std::uint64_t>(i) * header_.e_phentsize;
            const auto segment = in_.at<Elf64_Phdr>(offset);
            if (!segment) return invalid("is cut off within its segment table");
            if (segment->p_type == PT_GNU_STACK && (segment->p_flags & PF_X) != 0)
                facts_.executable_stack = true;
            if (!in_.range(segment->p_offset, segment->p_filesz))
                return invalid("is cut off: it has " + std::to_string(size_) +
                               " bytes, a segment ends at " +
                               std::to_string(segment->p_offset + segment->p_filesz));
        }
        return {};
    }

    base::Result<void> readSections() {
        for (int i = 0; i < header_.e_shnum; ++i) {
            const auto offset =
                header_.e_shoff + static_cast<std::uint64_t>(i) * header_.e_shentsize;
            const auto section = in_.at<Elf64_Shdr>(offset);
            if (!section) return invalid("is cut off within its section table");
            sections_.push_back(*section);
        }
        if (header_.e_shstrndx >= sections_.size()) return {};
        const auto names = contentOf(sections_[header_.e_shstrndx]);
        for (const Elf64_Shdr& section : sections_) {
            const auto content = contentOf(section);
            if (content && textAt(names.value_or(""), section.sh_name) == HB_MANIFEST_SECTION)
                facts_.manifest = std::string(*content);
        }
        // A macro may leave zero bytes behind the text.
        facts_.manifest.erase(std::find(facts_.manifest.begin(), facts_.manifest.end(), '\0'),
                              facts_.manifest.end());
        return {};
    }

    void readDynamic() {
        for (const Elf64_Shdr& section : sections_) {
            if (section.sh_type != SHT_DYNAMIC || section.sh_link >= sections_.size()) continue;
            const auto content = contentOf(section);
            const auto names = contentOf(sections_[section.sh_link]);
            if (!content || !names) continue;
            for (std::size_t at = 0; at + sizeof(Elf64_Dyn) <= content->size();
                 at += sizeof(Elf64_Dyn)) {
                Elf64_Dyn entry;
                std::memcpy(&entry, content->data() + at, sizeof entry);
                if (entry.d_tag == DT_NULL) break;
                if (entry.d_tag == DT_NEEDED)
                    facts_.needed.push_back(textAt(*names, entry.d_un.d_val));
                if (entry.d_tag == DT_TEXTREL) facts_.text_relocations = true;
            }
        }
    }

    void readSymbols() {
        for (const Elf64_Shdr& section : sections_) {
            if (section.sh_type != SHT_DYNSYM || section.sh_link >= sections_.size()) continue;
            const auto content = contentOf(section);
            const auto names = contentOf(sections_[section.sh_link]);
            if (!content || !names) continue;
            for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= content->size();
                 at += sizeof(Elf64_Sym)) {
                Elf64_Sym symbol;
                std::memcpy(&symbol, content->data() + at, sizeof symbol);
                const auto binding = ELF64_ST_BIND(symbol.st_info);
                if (symbol.st_shndx == SHN_UNDEF || binding == STB_LOCAL) continue;
                facts_.exported.push_back(textAt(*names, symbol.st_name));
                if (binding == STB_GNU_UNIQUE) facts_.unique.push_back(facts_.exported.back());
            }
        }
    }

    std::optional<std::string_view> contentOf(const Elf64_Shdr& section) const {
        if (section.sh_type == SHT_NOBITS) return std::nullopt;
        return in_.range(section.sh_offset, section.sh_size);
    }

    std::size_t size_;
    ElfReader in_;
    Elf64_Ehdr header_{};
    std::vector<Elf64_Shdr> sections_;
    ElfFacts facts_;
};

} // namespace

base::Result<ElfFacts> inspectElf(std::string_view bytes) { return Inspector(bytes).run(); }

} // namespace hearback::loader
