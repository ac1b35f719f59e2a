// `hearback plugin new`: what it makes is a project that builds and passes, against the packages.
#include "integration/sdk/installed_sdk.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <regex>
#include <set>

using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

// Each kind in a language: built, its unit test run, and held to the contract.
void everyKindPasses(const std::string& lang) {
    const InstalledSdk sdk;
    for (const std::string kind : {"channel", "classifier", "sink"}) {
        const std::string name = "acme-" + kind;
        sdk.mustRun(sdk.home(),
                    "hearback plugin new " + name + " --kind " + kind + " --lang " + lang);
        const std::string told = sdk.mustRun(
            sdk.home() / name, kStrictly + "cmake -B build && cmake --build build && "
                                           "ctest --test-dir build --output-on-failure");
        CHECK_THAT(told, Contains("0 tests failed out of 2"));
        CHECK_THAT(told, Contains(name + "-check ")); // hearback-check was found
        CHECK_THAT(sdk.mustRun(sdk.home() / name, "hearback plugin inspect build/plugins/*.so"),
                   Contains("kind        " + kind));
    }
}

} // namespace

TEST_CASE("a new plugin of every kind in C++ builds passes its test and keeps the contract",
          "[scaffold]") {
    everyKindPasses("cpp");
}

TEST_CASE("a new plugin of every kind in C builds passes its test and keeps the contract",
          "[scaffold]") {
    everyKindPasses("c");
}

TEST_CASE("a new plugin of every kind in Rust builds passes its test and keeps the contract",
          "[scaffold]") {
    if (hasRust()) everyKindPasses("rust");
}

TEST_CASE("the packages that a new plugin's CI installs are all that it needs of Hearback",
          "[scaffold]") {
    const InstalledSdk sdk;
    for (const std::string lang : {"cpp", "c", "rust"}) {
        sdk.mustRun(sdk.home(), "hearback plugin new acme-" + lang + " --lang " + lang);
        std::ifstream in(sdk.home() / ("acme-" + lang) / "ci.yml.example");
        std::string words;
        for (std::string line; std::getline(in, line);) {
            static const std::regex package("/tmp/([a-z-]+)\\.deb");
            if (line.find("apt-get install") == std::string::npos) continue;
            for (std::sregex_iterator found(line.begin(), line.end(), package), end; found != end;
                 ++found)
                words += " '" + packageFile((*found)[1]).string() + "'";
        }
        INFO(words);
        CHECK_FALSE(words.empty());
        sdk.mustRun(sdk.home(), "apt-get --simulate install" + words);
    }
}

TEST_CASE("a name that cannot be a plugin's is refused, and nothing is written over",
          "[scaffold]") {
    const InstalledSdk sdk;
    const auto refused = [&](const std::string& words) {
        const Ended ended = sdk.run(sdk.home(), "hearback plugin new " + words);
        CHECK(ended.code != 0);
        return ended.err;
    };
    CHECK_THAT(refused("Acme"), Contains("cannot be the name of a plugin"));
    CHECK_THAT(refused("../acme"), Contains("cannot be the name of a plugin"));
    CHECK_THAT(refused("test"), Contains("a word of CMake's own"));
    CHECK_THAT(refused("feed"), Contains("of its own"));
    CHECK_THAT(refused("acme --kind dream"), Contains("dream"));
    CHECK_THAT(refused("acme --lang cobol"), Contains("cobol"));
    CHECK(std::filesystem::is_empty(sdk.home()));
    std::filesystem::create_directory(sdk.home() / "acme");
    CHECK_THAT(refused("acme"), Contains("is there already"));
    CHECK(std::filesystem::is_empty(sdk.home() / "acme"));
    sdk.mustRun(sdk.home(), "hearback plugin new acme --dir there/acme");
    std::set<std::string> names;
    for (const auto& file : std::filesystem::directory_iterator(sdk.home() / "there/acme"))
        names.insert(file.path().filename());
    CHECK(names == std::set<std::string>{".gitignore", "CMakeLists.txt", "README.md", "acme.cpp",
                                         "ci.yml.example", "hearback-check.toml", "test.cpp"});
}
