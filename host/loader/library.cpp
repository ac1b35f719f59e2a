#include "loader/library.h"

// library_info.hpp of Boost 1.74 forgets <vector>.
#include <vector>

#include <boost/dll/shared_library.hpp>
#include <dlfcn.h>

namespace hearback::loader {

namespace {

using base::Code;
using base::Error;

Error refused(const std::filesystem::path& path, const std::string& why) {
    return {Code::Invalid, "plugin " + path.string() + " " + why};
}

std::string has(const char* field, const std::string& value, const std::string& wanted) {
    return "has " + std::string(field) + " " + value + ", wanted is " + wanted;
}

// Empty where the entry can be used.
std::string problemOf(const hb_plugin_entry& entry, const LibraryManifest& manifest) {
    if (entry.magic != HB_ENTRY_MAGIC)
        return has("an entry with magic number", std::to_string(entry.magic),
                   std::to_string(HB_ENTRY_MAGIC));
    if (entry.struct_size < sizeof(hb_plugin_entry) || entry.struct_size > 4096)
        return has("an entry of size", std::to_string(entry.struct_size),
                   std::to_string(sizeof(hb_plugin_entry)) + " or a little more");
    if (entry.abi_major != HB_ABI_MAJOR)
        return has("abi_major", std::to_string(entry.abi_major), std::to_string(HB_ABI_MAJOR));
    if (entry.plugin_count != manifest.plugins.size())
        return has("plugin_count", std::to_string(entry.plugin_count),
                   std::to_string(manifest.plugins.size()) + " as in its manifest");
    if (entry.descriptor == nullptr) return "has no function descriptor";
    if (entry.create == nullptr) return "has no function create";
    for (std::uint32_t i = 0; i < entry.plugin_count; ++i) {
        hb_text text{};
        entry.descriptor(i, &text);
        const auto said = nlohmann::json::parse(
            std::string_view(text.data == nullptr ? "" : text.data, text.size), nullptr, false);
        if (said != manifest.plugins[i].whole)
            return "says of plugin " + std::to_string(i) +
                   " something else than its manifest: build it again";
    }
    return {};
}

} // namespace

base::Result<std::shared_ptr<Library>> Library::load(const PluginFile& file) {
    if (!file.problem.empty()) return refused(file.path, file.problem);
    std::shared_ptr<Library> library(new Library);
    library->path_ = file.path;
    try {
        // NODELETE: the library stays mapped though the handle goes, see the header.
        using boost::dll::load_mode::type;
        const boost::dll::shared_library handle(
            file.image, static_cast<type>(boost::dll::load_mode::rtld_now |
                                          boost::dll::load_mode::rtld_local | RTLD_NODELETE));
        library->entry_ = &handle.get<const hb_plugin_entry>(HB_ENTRY_SYMBOL);
    } catch (const std::exception& error) {
        // Only the text is right; Boost's error code is not (1.74).
        return refused(file.path, std::string("cannot be loaded: ") + error.what());
    }
    const std::string problem = problemOf(*library->entry_, file.manifest);
    if (!problem.empty()) return refused(file.path, problem);
    return library;
}

} // namespace hearback::loader
