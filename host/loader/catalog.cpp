#include "loader/catalog.h"

#include "base/file.h"
#include "base/suggest.h"
#include "loader/sealed_copy.h"

#include "hearback/plugin/abi.h"

#include <algorithm>

namespace hearback::loader {

namespace {

std::string problemOf(const ElfFacts& facts) {
    const auto& exported = facts.exported;
    if (std::find(exported.begin(), exported.end(), HB_ENTRY_SYMBOL) == exported.end())
        return std::string("exports no symbol ") + HB_ENTRY_SYMBOL +
               ": end one source file with HEARBACK_PLUGIN(YourClass)";
    if (facts.manifest.empty())
        return std::string("has no section ") + HB_MANIFEST_SECTION +
               ": end one source file with HEARBACK_PLUGIN(YourClass)";
    if (facts.executable_stack) return "wants an executable stack: link it with -z noexecstack";
    if (facts.text_relocations) return "has text relocations: compile it with -fPIC";
    return {};
}

bool isProgram(const std::filesystem::path& path) {
    constexpr std::string_view kEnd = ".plugin.json";
    return path.native().ends_with(kEnd);
}

PluginFile inspectLibrary(PluginFile file, const std::string& bytes) {
    file.hash = hashOf(bytes);
    const auto facts = inspectElf(bytes);
    if (!facts) {
        file.problem = facts.error().message;
        return file;
    }
    file.facts = *facts;
    file.problem = problemOf(file.facts);
    if (!file.problem.empty()) return file;
    auto manifest = parseManifest(file.facts.manifest);
    if (manifest)
        file.manifest = std::move(*manifest);
    else
        file.problem = manifest.error().message;
    return file;
}

// {"program": ["./channel.py"], and what the manifest of a library says}. Words that name a file
// beside the manifest are paths, and part of the hash: what is trusted is the program as it is.
PluginFile inspectProgram(PluginFile file, const std::string& bytes) {
    auto manifest = parseManifest(bytes);
    if (!manifest) {
        file.problem = manifest.error().message;
        return file;
    }
    file.manifest = std::move(*manifest);
    std::string all = bytes;
    const auto whole = nlohmann::json::parse(bytes, nullptr, false);
    for (const auto& word : whole.value("program", nlohmann::json::array())) {
        if (!word.is_string()) continue;
        std::string text = word.get<std::string>();
        const auto path = std::filesystem::absolute(file.path).parent_path() / text;
        std::error_code error;
        if (std::filesystem::is_regular_file(path, error)) {
            const auto content = base::readFile(path, kLibraryMax);
            if (content) all += hashOf(*content);
            text = path.lexically_normal().string();
        }
        file.program.push_back(std::move(text));
    }
    file.hash = hashOf(all);
    if (file.program.empty())
        file.problem = "has no \"program\": the words to run, such as [\"./channel.py\"]";
    else if (file.program.front().front() != '/')
        file.problem = "has a \"program\" that begins with no path: " + file.program.front();
    return file;
}

} // namespace

PluginFile inspectPlugin(const std::filesystem::path& path) {
    PluginFile file;
    file.path = path;
    file.image = path;
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
        file.problem = "is no regular file";
        return file;
    }
    const auto bytes = base::readFile(path, kLibraryMax);
    if (!bytes) {
        file.problem = bytes.error().message;
        return file;
    }
    return isProgram(path) ? inspectProgram(std::move(file), *bytes)
                           : inspectLibrary(std::move(file), *bytes);
}

Catalog::Catalog(const std::vector<std::filesystem::path>& directories) {
    std::vector<std::filesystem::path> paths;
    for (const auto& directory : directories) {
        std::error_code error;
        for (const auto& entry : std::filesystem::directory_iterator(directory, error))
            if (entry.path().extension() == ".so" || isProgram(entry.path()))
                paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) files_.push_back(inspectPlugin(path));
}

base::Result<FoundPlugin> Catalog::find(const std::string& id) const {
    FoundPlugin found;
    std::vector<std::string> known;
    for (const PluginFile& file : files_) {
        for (const PluginManifest& manifest : file.manifest.plugins) {
            known.push_back(manifest.id);
            if (manifest.id != id) continue;
            if (found.file != nullptr)
                return base::Error{base::Code::Conflict, "two files claim the plugin \"" + id +
                                                             "\": " + found.file->path.string() +
                                                             " and " + file.path.string() +
                                                             "; remove one"};
            found = {&file, &manifest};
        }
    }
    if (found.file != nullptr) return found;
    for (const PluginFile& file : files_)
        if (!file.problem.empty() && file.path.stem() == id)
            return base::Error{base::Code::Invalid, file.path.string() + " " + file.problem};
    return base::Error{base::Code::NotFound, "there is no plugin \"" + id + "\"" +
                                                 base::suggest(id, known) +
                                                 "; `hearback plugin list` shows those there are"};
}

} // namespace hearback::loader
