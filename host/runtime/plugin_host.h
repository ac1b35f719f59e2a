// From a configured plugin to something that runs: looks it up, asks whether it may run, checks its
// settings, decides where it runs, makes and configures an instance.
#pragma once

#include "config/settings.h"
#include "loader/catalog.h"
#include "loader/library.h"
#include "loader/plugin_instance.h"
#include "loader/sealed_copy.h"
#include "pipeline/plugins.h"
#include "runtime/services.h"
#include "runtime/trust.h"

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace hearback::runtime {

class PluginHost {
  public:
    PluginHost(const std::vector<std::filesystem::path>& directories, Trust trust,
               Services services);

    const loader::Catalog& catalog() const { return catalog_; }

    // From now on only plugins of this build run.
    void onlyShipped() { only_shipped_ = true; }
    // Whether it is passed over for that.
    bool leavesOut(const config::PluginSettings& plugin) const;

    // A configured instance of the wanted kind; null, with the problems told, where it cannot be.
    std::shared_ptr<loader::PluginInstance> makeInstance(const config::PluginSettings& plugin,
                                                         const std::string& kind,
                                                         std::vector<config::Problem>& problems);

  private:
    // A library by the hash of its bytes: two versions can be there at once.
    struct Image {
        std::shared_ptr<loader::SealedCopy> copy;
        std::shared_ptr<loader::Library> library; // once it is loaded into this process
    };

    base::Result<Image*> image(const loader::PluginFile& file);
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
    Trust trust_;
    loader::Catalog catalog_;
    bool only_shipped_ = false;
    std::map<std::string, Image> images_;
};

// Why a library may not be loaded into the host itself; empty where it may.
std::string workerOnly(const loader::ElfFacts& facts);

} // namespace hearback::runtime
