// What the packages of Debian install, unpacked into a folder away from the tree, and an author who
// has nothing else. The test "the packages are made" has made them.
#pragma once

#include "support/process.h"
#include "support/temp_folder.h"

#include <filesystem>
#include <map>
#include <memory>
#include <string>

namespace hearback::testing {

class InstalledSdk {
  public:
    InstalledSdk();
    // Runs a script of the shell in a folder, with the packages' programs and CMake files found.
    Ended run(const std::filesystem::path& folder, const std::string& script,
              std::chrono::seconds patience = std::chrono::seconds(300)) const;
    // Begins a program of the packages in a folder.
    std::unique_ptr<Process> begin(const std::filesystem::path& folder,
                                   const std::string& command) const;
    // As run(), which must end well. Gives what it wrote.
    std::string mustRun(const std::filesystem::path& folder, const std::string& script) const;
    std::filesystem::path prefix() const { return root_ / "usr"; }
    // An empty folder of the author's.
    const std::filesystem::path& home() const { return home_.path(); }

  private:
    std::map<std::string, std::string> environment() const;

    TempFolder root_;
    TempFolder home_;
};

// What authors may ask of their compilers: whoever has more to say of the kits says it here.
inline const std::string kStrictly = "CFLAGS='-Wall -Wextra -Wpedantic -Wconversion -Werror' "
                                     "CXXFLAGS='-Wall -Wextra -Wpedantic -Wconversion -Werror' ";

// The .deb files, by the names of their packages.
std::filesystem::path packageFile(const std::string& package);

// Says that it is skipped, and why, where there is nothing to build a plugin in C with.
bool hasCompiler();
// The same where there is no rustc.
bool hasRust();

} // namespace hearback::testing
