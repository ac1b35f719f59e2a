// What the host reads of a plugin's file before it loads it: the ELF image and the manifest.
#include "fuzz/promise.h"
#include "loader/elf_image.h"
#include "loader/manifest.h"

using namespace hearback;
using hearback::fuzz::require;

namespace {

void readManifest(std::string_view text) {
    const auto manifest = loader::parseManifest(text);
    if (!manifest) {
        require(!manifest.error().message.empty(), "a refusal has its reason");
        return;
    }
    require(manifest->abi_major == 1 && manifest->abi_minor >= 0, "the ABI is one that is known");
    require(!manifest->plugins.empty(), "a library has plugins");
    for (const loader::PluginManifest& plugin : manifest->plugins) {
        require(!plugin.id.empty() && !plugin.version.empty() && plugin.settings.is_object(),
                "a plugin has an id, a version and a schema");
        require(plugin.kind == "channel" || plugin.kind == "classifier" || plugin.kind == "sink",
                "a plugin is of a kind that is known");
        for (const std::int64_t count : {plugin.max_inflight, plugin.max_concurrency})
            require(count >= 1 && count <= 4096, "a count is within its limits");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::toText(data, size);
    readManifest(bytes);
    const auto facts = loader::inspectElf(bytes);
    if (!facts) {
        require(!facts.error().message.empty(), "a refusal has its reason");
        return 0;
    }
    require(facts->manifest.size() <= size, "a manifest is within the file");
    require(facts->exported.size() <= size && facts->needed.size() <= size,
            "names are within the file");
    readManifest(facts->manifest);
    return 0;
}
