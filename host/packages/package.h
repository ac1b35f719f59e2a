// A plugin as one file to hand on, ID-VERSION.hbplugin: a ZIP archive with what runs, its signature
// where it has one, and what its author wants read. "package.json" in it says what is what.
#pragma once

#include "base/result.h"
#include "loader/catalog.h"

#include <filesystem>
#include <string>
#include <vector>

namespace hearback::packages {

inline constexpr std::size_t kPackageMax = 512 << 20; // unpacked

// Packs a plugin, its signature, and further files for people (README, licence, report of the
// conformance kit). Gives the file that was written in `folder`.
base::Result<std::filesystem::path> pack(const loader::PluginFile& plugin,
                                         const std::vector<std::filesystem::path>& for_people,
                                         const std::filesystem::path& folder);

// Unpacks into a folder that does not exist yet, and gives the plugin in it. Names that lead out of
// the folder, too many files and too much are refused.
base::Result<loader::PluginFile> unpack(const std::filesystem::path& package,
                                        const std::filesystem::path& folder);

// Puts the folder in the place of what `to` was, at once; that is removed.
base::Result<void> replaceFolder(const std::filesystem::path& folder,
                                 const std::filesystem::path& to);

} // namespace hearback::packages
