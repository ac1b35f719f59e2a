// An author's folder: what is built from it and how it is checked.
#pragma once

#include "base/result.h"
#include "cli/dev/console.h"
#include "loader/catalog.h"

#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

namespace hearback::cli::dev {

class Project {
  public:
    // A folder with a CMakeLists.txt, or with a *.plugin.json, which needs no build.
    static base::Result<Project> in(const std::filesystem::path& folder);

    // Says what went wrong; false then, and where `stops` said so.
    bool build(Console& console, const std::function<bool()>& stops) const;
    // Level 1 of hearback-check; false where something fails, which is shown, and where `stops`
    // said so. True, and told, where the kit is not installed.
    bool check(const loader::PluginFile& plugin, Console& console,
               const std::function<bool()>& stops) const;
    // What the build has made; none, and told, where it is not one plugin.
    std::optional<loader::PluginFile> plugin(Console& console) const;

    const std::filesystem::path& folder() const { return folder_; }
    // Data of `plugin dev` alone.
    std::filesystem::path dataFolder() const { return folder_ / "build/dev"; }
    // Need not exist.
    std::filesystem::path planFile() const { return folder_ / "hearback-check.toml"; }

  private:
    Project(std::filesystem::path folder, bool is_built)
        : folder_(std::move(folder)), is_built_(is_built) {}

    std::filesystem::path folder_;
    bool is_built_;
};

} // namespace hearback::cli::dev
