// Plugins that older SDKs made: they load, and keep the contract of their time, on today's host.
#include "support/process.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <sys/utsname.h>

using namespace hearback::testing;

namespace {

std::string processor() {
    utsname name{};
    ::uname(&name);
    return name.machine;
}

void mustRun(const std::string& script, const std::vector<std::string>& words) {
    std::vector<std::string> all = {"sh", "-c", script, "sh"};
    all.insert(all.end(), words.begin(), words.end());
    const Ended ended = Process(all).wait(std::chrono::seconds(120));
    INFO(script << ": " << ended.out << ended.err);
    REQUIRE(ended.code == 0);
}

} // namespace

TEST_CASE("what older SDKs made loads and keeps level 1 of its contract", "[museum]") {
    std::size_t exhibits = 0;
    for (const auto& hall :
         std::filesystem::directory_iterator(HEARBACK_SOURCE_DIR "/tests/museum")) {
        const std::string name = hall.path().filename();
        if (!hall.is_directory() || name.find("-" + processor()) == std::string::npos) continue;
        for (const auto& file : std::filesystem::directory_iterator(hall)) {
            if (file.path().extension() != ".xz") continue;
            ++exhibits;
            const TempFolder folder;
            const std::string plugin = folder / file.path().stem().string();
            const std::string told =
                std::filesystem::path(file.path()).replace_extension().replace_extension(".toml");
            INFO(file.path());
            CHECK(std::filesystem::file_size(file.path()) < 160 * 1024);
            mustRun("xz -dc \"$1\" > \"$2\"", {file.path(), plugin});
            mustRun("\"$1\" plugin inspect \"$2\"", {hearbackProgram(), plugin});
            mustRun("\"$1\" --level 1 --config \"$2\" \"$3\"",
                    {HEARBACK_BINARY_DIR "/bin/hearback-check", told, plugin});
        }
    }
    if (exhibits == 0) WARN("SKIPPED: the museum has nothing for " << processor());
}
