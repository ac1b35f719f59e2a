// The plugins that are there: every *.so and *.plugin.json in the plugin directories, looked at but
// not loaded.
#pragma once

#include "loader/elf_image.h"
#include "loader/manifest.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hearback::loader {

inline constexpr std::size_t kLibraryMax = 256 << 20;

// One file, with its manifest or with what is wrong with it.
struct PluginFile {
    std::filesystem::path path;
    // What is loaded: the file itself, or a sealed copy of it.
    std::filesystem::path image;
    std::string hash; // SHA-256 of its bytes; empty where they cannot be read
    LibraryManifest manifest;
    ElfFacts facts;
    // For a plugin that is a program of its own: its words, the first one a path.
    std::vector<std::string> program;
    // The files beside the manifest of such a program that belong to it, and to its hash.
    std::vector<std::filesystem::path> parts;
    std::string problem; // empty: it can be loaded
};

// A library (*.so), or the manifest of a program (*.plugin.json). Never runs anything of it.
PluginFile inspectPlugin(const std::filesystem::path& path);

struct FoundPlugin {
    const PluginFile* file = nullptr;
    const PluginManifest* manifest = nullptr;
};

class Catalog {
  public:
    // Directories that do not exist are passed over.
    explicit Catalog(const std::vector<std::filesystem::path>& directories);

    const std::vector<PluginFile>& files() const { return files_; }
    // The plugin with that id; the error says why there is none, or that two files claim it.
    base::Result<FoundPlugin> find(const std::string& id) const;

  private:
    std::vector<PluginFile> files_;
};

} // namespace hearback::loader
