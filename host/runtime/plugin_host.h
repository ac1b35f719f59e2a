// From a configured plugin to something that runs: looks it up, checks its settings, loads its
// library once, makes and configures an instance.
#pragma once

#include "config/settings.h"
#include "loader/catalog.h"
#include "loader/library.h"
#include "loader/plugin_instance.h"
#include "pipeline/plugins.h"
#include "runtime/services.h"

#include <filesystem>
#include <map>
#include <memory>
#include <vector>

namespace hearback::runtime {

class PluginHost {
  public:
    PluginHost(const std::vector<std::filesystem::path>& directories, Services services);

    const loader::Catalog& catalog() const { return catalog_; }

    // A configured instance of the wanted kind; null, with the problems told, where it cannot be.
    std::shared_ptr<loader::PluginInstance> makeInstance(const config::PluginSettings& plugin,
                                                         const std::string& kind,
                                                         std::vector<config::Problem>& problems);

  private:
    base::Result<std::shared_ptr<loader::Library>> library(const loader::PluginFile& file);

    Services services_;
    loader::Catalog catalog_;
    std::map<std::filesystem::path, std::shared_ptr<loader::Library>> libraries_;
};

} // namespace hearback::runtime
