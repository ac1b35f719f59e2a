#include "runtime/plugin_host.h"

#include "base/log.h"
#include "loader/instance.h"
#include "packages/signature.h"
#include "runtime/guarded_instance.h"
#include "runtime/settings_check.h"
#include "runtime/worker_instance.h"

namespace hearback::runtime {

namespace {

using config::Isolation;
using loader::PluginFile;
using loader::PluginInstance;
using loader::PluginManifest;

constexpr int kGenerationsMax = 8;

} // namespace

std::string workerOnly(const loader::ElfFacts& facts) {
    // Two copies of libprotobuf, or of one's generated code, end the process that has them.
    for (const std::string& needed : facts.needed)
        if (needed.starts_with("libprotobuf"))
            return "it needs libprotobuf, which must not meet the host's";
    if (facts.exported.size() > 1)
        return "it exports more than its entry: build it with hearback_add_plugin()";
    return {};
}

PluginHost::PluginHost(const std::vector<std::filesystem::path>& directories, Trust trust,
                       Services services)
    : services_(std::move(services)), facilities_(services_), directories_(directories),
      trust_(std::move(trust)), catalog_(directories) {}

base::Result<std::shared_ptr<loader::SealedCopy>> PluginHost::copyOf(const PluginFile& file) {
    std::erase_if(copies_, [](const auto& each) { return each.second.expired(); });
    if (auto copy = copies_[file.hash].lock()) return copy;
    auto made = loader::SealedCopy::make(file.path, file.hash);
    if (made) copies_[file.hash] = *made;
    return made;
}

base::Result<std::shared_ptr<PluginInstance>>
PluginHost::inProcess(const PluginFile& file, const PluginManifest& manifest,
                      const std::string& name, std::unique_ptr<loader::HostServices> host) {
    std::shared_ptr<loader::Library>& library = libraries_[file.hash];
    if (!library) {
        int& generation = generations_[manifest.id];
        if (generation == kGenerationsMax)
            return base::Error{base::Code::Full,
                               "this process has " + std::to_string(kGenerationsMax) +
                                   " versions of the plugin loaded, none of which it can let go "
                                   "of: restart it, or set isolation = \"worker\""};
        const auto copy = copyOf(file);
        if (!copy) return copy.error();
        PluginFile sealed = file;
        (*copy)->keep();
        sealed.image = (*copy)->path();
        auto loaded = loader::Library::load(sealed);
        if (!loaded) return loaded.error();
        library = std::move(*loaded);
        ++generation;
    }
    auto made = loader::Instance::create(library, manifest, name, std::move(host), services_.clock);
    if (!made) return made.error();
    return std::static_pointer_cast<PluginInstance>(*made);
}

base::Result<std::shared_ptr<PluginInstance>>
PluginHost::inWorker(const PluginFile& file, const PluginManifest& manifest,
                     const config::PluginSettings& plugin, bool is_shared,
                     std::shared_ptr<loader::HostServices> host) {
    WorkerOptions options;
    options.what = "plugin \"" + manifest.id + "\"";
    options.program = file.program;
    if (file.program.empty()) {
        const auto copy = copyOf(file);
        if (!copy) return copy.error();
        options.library = *copy;
    }
    options.memory_mib = plugin.worker.memory_mib;
    options.files = plugin.worker.files;
    options.cpu_per_minute = plugin.worker.cpu_s * base::kSecond;
    options.sockets = manifest.doesNeed("sockets");
    options.any_system_call = plugin.worker.any_system_call;
    const auto launch = [&pool = services_.workers, options, is_shared, path = file.path,
                         hash = file.hash]() -> base::Result<std::shared_ptr<WorkerProcess>> {
        // A program is read from the disk each time: it must be the one that was trusted.
        if (!options.program.empty() && loader::inspectPlugin(path).hash != hash)
            return base::Error{base::Code::Invalid,
                               "the plugin " + path.string() +
                                   " was changed after it was looked at: start again"};
        return is_shared ? pool.share(hash, options) : pool.launch(options);
    };
    std::shared_ptr<PluginInstance> instance = std::make_shared<WorkerInstance>(
        manifest, plugin.name,
        WorkerInstanceServices{std::move(host), services_.quarantine, services_.clock,
                               services_.random, launch, file.hash});
    return instance;
}

std::string PluginHost::whyNot(const PluginFile& file) const {
    switch (trust_.of(file)) {
    case Standing::Shipped: return {};
    case Standing::Unknown: {
        const auto signer = packages::signerOf(file);
        if (!signer) return "is not loaded: " + signer.error().message;
        return file.path.string() +
               " is no part of this build and nobody has trusted it: look at it with `hearback "
               "plugin inspect`, then `hearback plugin trust " +
               file.path.string() + "`" +
               (*signer ? "; it is signed by " + **signer + ": `hearback plugin trust-signer`"
                        : "");
    }
    case Standing::Trusted: break;
    }
    const std::string writable = writableByOthers(file.path);
    return writable.empty() ? "" : file.path.string() + " is not loaded: " + writable;
}

bool PluginHost::leavesOut(const config::PluginSettings& plugin) const {
    const auto found = catalog_.find(plugin.plugin);
    return only_shipped_ && found && trust_.of(*found->file) != Standing::Shipped;
}

Isolation PluginHost::isolationOf(const config::PluginSettings& plugin, const PluginFile& file,
                                  std::vector<config::Problem>& problems) const {
    const bool is_shipped = trust_.of(file) == Standing::Shipped;
    const Isolation wished =
        plugin.isolation.value_or(is_shipped ? Isolation::InProcess : Isolation::Worker);
    if (wished != Isolation::InProcess) return wished;
    if (!file.program.empty())
        problems.push_back(
            {plugin.place, plugin.path + ".isolation",
             "must be \"worker\" for " + plugin.plugin + ": it is a program of its own"});
    if (const std::string why = workerOnly(file.facts); !why.empty())
        problems.push_back({plugin.place, plugin.path + ".isolation",
                            "must be \"worker\" for " + plugin.plugin + ": " + why});
    const auto noted = services_.quarantine.find(plugin.name, file.hash);
    if (!noted || !noted->took_host_along) return wished;
    base::logWarning("runtime",
                     "plugin has ended the host before: it runs in a worker until it is released",
                     {{"instance", plugin.name}, {"cause", noted->cause}});
    return Isolation::Worker;
}

std::shared_ptr<PluginInstance> PluginHost::makeInstance(const config::PluginSettings& plugin,
                                                         const std::string& kind,
                                                         std::vector<config::Problem>& problems) {
    Version version = makeVersion(plugin, kind, problems);
    if (!version.instance) return nullptr;
    auto instance = std::make_shared<Upgradable>(std::move(version), services_.clock);
    made_.push_back({plugin, kind, instance});
    return instance;
}

Version PluginHost::makeVersion(const config::PluginSettings& plugin, const std::string& kind,
                                std::vector<config::Problem>& problems) {
    const auto problem = [&](const std::string& member, const std::string& text) {
        problems.push_back({plugin.place, plugin.path + member, text});
        return Version();
    };
    const auto found = catalog_.find(plugin.plugin);
    if (!found) return problem(".plugin", found.error().message);
    const PluginFile& file = *found->file;
    const PluginManifest& manifest = *found->manifest;
    if (manifest.kind != kind)
        return problem(".plugin",
                       "\"" + manifest.id + "\" is a " + manifest.kind + ", wanted is a " + kind);
    if (const std::string why = whyNot(file); !why.empty()) return problem(".plugin", why);
    const std::size_t before = problems.size();
    const Isolation isolation = isolationOf(plugin, file, problems);
    if (problems.size() != before) return {};
    const auto prepared = prepareSettings(manifest, plugin, services_.config_folder, problems);
    if (!prepared) return {};
    auto host = std::make_unique<LocalServices>(facilities_, plugin.name, prepared->secrets,
                                                Permissions(manifest, prepared->json));
    LocalServices& services = *host;
    auto made = isolation == Isolation::InProcess
                    ? inProcess(file, manifest, plugin.name, std::move(host))
                    : inWorker(file, manifest, plugin, isolation == Isolation::WorkerShared,
                               std::move(host));
    if (!made) return problem(".plugin", made.error().message);
    const auto instance = std::make_shared<GuardedInstance>(*made, services);
    const pipeline::Answer configured =
        instance->run({.method = loader::Method::Configure, .bytes = prepared->json});
    if (configured.isOk()) return {instance, file.hash};
    // One that crashes now is started again later, like one that crashes when it runs.
    const bool is_its_worker =
        isolation != Isolation::InProcess && configured.verdict != pipeline::Verdict::Config;
    if (is_its_worker) return {instance, file.hash};
    problems.push_back({plugin.settings.place, plugin.path + ".settings", configured.text});
    return {};
}

} // namespace hearback::runtime
