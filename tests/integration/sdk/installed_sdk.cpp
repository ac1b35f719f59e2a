#include "integration/sdk/installed_sdk.h"

#include <catch2/catch.hpp>

#include <cstdlib>

namespace hearback::testing {

std::filesystem::path packageFile(const std::string& package) {
    std::error_code error;
    for (const auto& file : std::filesystem::directory_iterator(HEARBACK_PACKAGES, error))
        if (file.path().filename().string().rfind(package + "_", 0) == 0 &&
            file.path().extension() == ".deb")
            return file.path();
    FAIL("there is no package " << package << " in " << HEARBACK_PACKAGES << ": cpack makes it");
    return {};
}

InstalledSdk::InstalledSdk() {
    for (const char* package : {"hearback", "hearback-sdk"}) {
        const Ended unpacked =
            Process({"dpkg-deb", "-x", packageFile(package), root_.path()}).wait();
        INFO(unpacked.err);
        REQUIRE(unpacked.code == 0);
    }
}

std::map<std::string, std::string> InstalledSdk::environment() const {
    const char* path = std::getenv("PATH");
    return {{"PATH", (prefix() / "bin").string() + ":" + (path == nullptr ? "" : path)},
            {"CMAKE_PREFIX_PATH", prefix()}};
}

Ended InstalledSdk::run(const std::filesystem::path& folder, const std::string& script,
                        std::chrono::seconds patience) const {
    return Process({"sh", "-c", "cd \"$0\" && " + script, folder}, environment()).wait(patience);
}

std::unique_ptr<Process> InstalledSdk::begin(const std::filesystem::path& folder,
                                             const std::string& command) const {
    const std::vector<std::string> words = {"sh", "-c", "cd \"$0\" && exec " + command, folder};
    return std::make_unique<Process>(words, environment());
}

std::string InstalledSdk::mustRun(const std::filesystem::path& folder,
                                  const std::string& script) const {
    const Ended ended = run(folder, script);
    INFO(script << ":\n" << ended.out << ended.err);
    REQUIRE(ended.code == 0);
    return ended.out + ended.err;
}

bool hasCompiler() {
    for (const char* program : {"cmake", "cc"}) {
        if (Process({program, "--version"}).wait().code == 0) continue;
        WARN("SKIPPED: " << program << " is not installed; scripts/setup installs Debian's");
        return false;
    }
    return true;
}

bool hasRust() {
    if (Process({"rustc", "--version"}).wait().code == 0) return true;
    WARN("SKIPPED: rustc is not installed; scripts/setup installs Debian's");
    return false;
}

} // namespace hearback::testing
