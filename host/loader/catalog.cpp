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

// The path of a word that names a file beside the manifest; empty for any other word.
std::filesystem::path partOf(const std::filesystem::path& manifest, const std::string& word) {
    std::error_code error;
    const std::filesystem::path path(word);
    if (word.empty() || path.is_absolute()) return {};
    const auto beside = std::filesystem::absolute(manifest).parent_path() / path;
    return std::filesystem::is_regular_file(beside, error) ? beside.lexically_normal()
                                                           : std::filesystem::path();
}

// {"program": ["./channel.py"], "files": ["words.txt"], and what the manifest of a library says}.
// Words that name a file beside the manifest are paths; what they and "files" name is part of the
// hash: what is trusted is the program as it is.
PluginFile inspectProgram(PluginFile file, const std::string& bytes) {
    auto manifest = parseManifest(bytes);
    if (!manifest) {
        file.problem = manifest.error().message;
        return file;
    }
    file.manifest = std::move(*manifest);
    std::string all = bytes;
    const auto document = nlohmann::json::parse(bytes, nullptr, false);
    const auto take = [&](const std::filesystem::path& part) {
        const auto content = base::readFile(part, kLibraryMax);
        if (content)
            all += hashOf(*content);
        else
            file.problem = "has a part that cannot be read: " + content.error().message;
        file.parts.push_back(part);
    };
    for (const auto& word : document.value("program", nlohmann::json::array())) {
        if (!word.is_string()) continue;
        const auto part = partOf(file.path, word.get<std::string>());
        file.program.push_back(part.empty() ? word.get<std::string>() : part.string());
        if (!part.empty()) take(part);
    }
    for (const auto& name : document.value("files", nlohmann::json::array())) {
        const auto part =
            name.is_string() ? partOf(file.path, name.get<std::string>()) : std::filesystem::path();
        if (part.empty())
            file.problem = "names a file that is not beside it: " + name.dump();
        else
            take(part);
    }
    file.hash = hashOf(all);
    if (!file.problem.empty()) return file;
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
            // The same bytes under another name are the same plugin.
            if (found.file != nullptr && found.file->hash == file.hash) continue;
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
