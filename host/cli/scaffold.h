// A project for a plugin from templates: files with @NAME@ in their names and contents.
#pragma once

#include "base/result.h"

#include <filesystem>
#include <map>
#include <string>

namespace hearback::cli {

struct NewPlugin {
    std::string name;             // also the plugin's id
    std::string kind;             // channel, classifier, sink
    std::string lang;             // cpp, c, rust
    std::filesystem::path folder; // to be made
};

// Why a plugin cannot be called so, with what to do; empty where it can.
std::string whyNoName(const std::string& name);

// The files of the project with their contents, by their paths in the folder. A file that stands in
// several of KIND-LANG, LANG and common has their parts, one behind the other. Fails where there
// are no templates of this kind in this language, and says which there are.
base::Result<std::map<std::string, std::string>> scaffold(const std::filesystem::path& templates,
                                                          const NewPlugin& plugin);

} // namespace hearback::cli
