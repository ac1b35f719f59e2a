// From a configured plugin to something that runs: looks it up, asks whether it may run, checks its
// settings, decides where it runs, makes and configures an instance; and replaces the version of
// one that runs. One thread at a time.
#pragma once

#include "config/settings.h"
#include "loader/catalog.h"
#include "loader/library.h"
#include "loader/plugin_instance.h"
#include "loader/sealed_copy.h"
#include "pipeline/plugins.h"
#include "runtime/facilities.h"
#include "runtime/trust.h"
#include "runtime/upgradable.h"

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace hearback::runtime {

class PluginHost {
  public:
    PluginHost(const std::vector<std::filesystem::path>& directories, Trust trust,
               Services services);

    const loader::Catalog& catalog() const { return catalog_; }
    const OAuth& oauth() const { return facilities_.oauth; }

    // From now on only plugins of this build run.
    void onlyShipped() { only_shipped_ = true; }
    // Whether it is passed over for that.
    bool leavesOut(const config::PluginSettings& plugin) const;

    // A configured instance of the wanted kind; null, with the problems told, where it cannot be.
    std::shared_ptr<loader::PluginInstance> makeInstance(const config::PluginSettings& plugin,
                                                         const std::string& kind,
                                                         std::vector<config::Problem>& problems);

    // Looks at the directories anew and offers every instance the version of its plugin that lies
    // there now, configured and checked. What comes of each is noted (upgrade_notes.h). Gives the
    // channels that have one waiting: they take it when they are started again.
    std::set<std::string> upgrade(Trust trust);

  private:
    // An instance that was made, as long as somebody has it.
    struct Made {
        config::PluginSettings settings;
        std::string kind;
        std::weak_ptr<Upgradable> instance;
    };

    Version makeVersion(const config::PluginSettings& plugin, const std::string& kind,
                        std::vector<config::Problem>& problems);
    // Configured and checked, or why not.
    Version newVersion(const Made& made, Upgradable& running, std::string& why_not);
    bool offerNewest(const Made& made, Upgradable& running);
    base::Result<std::shared_ptr<loader::SealedCopy>> copyOf(const loader::PluginFile& file);
    base::Result<std::shared_ptr<loader::PluginInstance>>
    inProcess(const loader::PluginFile& file, const loader::PluginManifest& manifest,
              const std::string& name, std::unique_ptr<loader::HostServices> host);
    base::Result<std::shared_ptr<loader::PluginInstance>>
    inWorker(const loader::PluginFile& file, const loader::PluginManifest& manifest,
             const config::PluginSettings& plugin, bool is_shared,
             std::shared_ptr<loader::HostServices> host);
    std::string whyNot(const loader::PluginFile& file) const;
    config::Isolation isolationOf(const config::PluginSettings& plugin,
                                  const loader::PluginFile& file,
                                  std::vector<config::Problem>& problems) const;

    Services services_;
    Facilities facilities_;
    const std::vector<std::filesystem::path> directories_;
    Trust trust_;
    loader::Catalog catalog_;
    bool only_shipped_ = false;
    std::vector<Made> made_;
    // By the hash of their bytes, so that two versions can be there at once. What was loaded into
    // this process stays in it.
    std::map<std::string, std::weak_ptr<loader::SealedCopy>> copies_;
    std::map<std::string, std::shared_ptr<loader::Library>> libraries_;
    std::map<std::string, int> generations_; // how many libraries were loaded for a plugin
};

// Why a library may not be loaded into the host itself; empty where it may.
std::string workerOnly(const loader::ElfFacts& facts);

} // namespace hearback::runtime
