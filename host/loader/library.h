// A loaded plugin library. Never unloaded: code that was once called may be referred to from
// anywhere (threads, exit handlers, unique symbols), and closing it does not even unmap it
// reliably.
#pragma once

#include "loader/catalog.h"

#include "hearback/plugin/abi.h"

#include <memory>

namespace hearback::loader {

class Library {
  public:
    // Loads the file with every symbol bound, and checks its entry. The error names the file, the
    // field, what it has and what is wanted.
    static base::Result<std::shared_ptr<Library>> load(const PluginFile& file);

    const hb_plugin_entry& entry() const { return *entry_; }
    const std::filesystem::path& path() const { return path_; }

  private:
    Library() = default;
    std::filesystem::path path_;
    const hb_plugin_entry* entry_ = nullptr;
};

} // namespace hearback::loader
