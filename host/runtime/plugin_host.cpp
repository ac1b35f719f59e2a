#include "runtime/plugin_host.h"

#include "loader/instance.h"
#include "runtime/local_services.h"
#include "runtime/settings_check.h"

namespace hearback::runtime {

PluginHost::PluginHost(const std::vector<std::filesystem::path>& directories, Services services)
    : services_(std::move(services)), catalog_(directories) {}

base::Result<std::shared_ptr<loader::Library>> PluginHost::library(const loader::PluginFile& file) {
    auto& slot = libraries_[file.path];
    if (slot) return slot;
    auto loaded = loader::Library::load(file);
    if (!loaded) return loaded.error();
    slot = *loaded;
    return slot;
}

std::shared_ptr<loader::PluginInstance>
PluginHost::makeInstance(const config::PluginSettings& plugin, const std::string& kind,
                         std::vector<config::Problem>& problems) {
    const auto problem = [&](const std::string& member, const std::string& text) {
        problems.push_back({plugin.place, plugin.path + member, text});
        return nullptr;
    };
    const auto found = catalog_.find(plugin.plugin);
    if (!found) return problem(".plugin", found.error().message);
    const loader::PluginManifest& manifest = *found->manifest;
    if (manifest.kind != kind)
        return problem(".plugin",
                       "\"" + manifest.id + "\" is a " + manifest.kind + ", wanted is a " + kind);
    const auto prepared = prepareSettings(manifest, plugin, services_.config_folder, problems);
    if (!prepared) return nullptr;
    const auto loaded = library(*found->file);
    if (!loaded) return problem(".plugin", loaded.error().message);
    auto instance = loader::Instance::create(
        *loaded, manifest, plugin.name,
        std::make_unique<LocalServices>(services_, plugin.name, prepared->secrets),
        services_.clock);
    if (!instance) return problem(".plugin", instance.error().message);
    const pipeline::Answer configured =
        (*instance)->run({.method = loader::Method::Configure, .bytes = prepared->json});
    if (!configured.isOk()) {
        problems.push_back({plugin.settings.place, plugin.path + ".settings", configured.text});
        return nullptr;
    }
    return *instance;
}

} // namespace hearback::runtime
