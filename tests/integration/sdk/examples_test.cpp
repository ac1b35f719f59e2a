// The examples, each a project of its own against the packages, held to the contract.
#include "integration/sdk/installed_sdk.h"

#include <catch2/catch.hpp>

using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

const std::filesystem::path kExamples = HEARBACK_SOURCE_DIR "/examples";

void keepsItsContract(const std::string& example) {
    const InstalledSdk sdk;
    // Away from the tree, so that nothing but the packages can be found.
    std::filesystem::copy(kExamples, sdk.home() / "examples",
                          std::filesystem::copy_options::recursive);
    const std::string told = sdk.mustRun(
        sdk.home(), kStrictly + "cmake -S examples/" + example +
                        " -B build -DCMAKE_BUILD_TYPE=Release && cmake --build build && "
                        "ctest --test-dir build --output-on-failure");
    CHECK_THAT(told, Contains("-check ")); // hearback-check was found
    CHECK_THAT(told, Contains("0 tests failed out of 1"));
}

} // namespace

TEST_CASE("the example channel in C++ keeps its contract", "[examples]") {
    keepsItsContract("languages/cpp");
}

TEST_CASE("the example channel in C keeps its contract", "[examples]") {
    keepsItsContract("languages/c");
}

TEST_CASE("the example channel in Rust keeps its contract", "[examples]") {
    if (hasRust()) keepsItsContract("languages/rust");
}

// The kit of the packages finds the worker of the packages, in which the program runs.
TEST_CASE("the example channel in Python keeps its contract", "[examples]") {
    if (Process({"python3", "--version"}).wait().code != 0) {
        WARN("SKIPPED: python3 is not installed");
        return;
    }
    const InstalledSdk sdk;
    std::filesystem::copy(kExamples / "languages", sdk.home(),
                          std::filesystem::copy_options::recursive);
    const std::string told = sdk.mustRun(
        sdk.home(), "hearback-check --config hearback-check.toml python/reviews.plugin.json");
    CHECK_THAT(told, Contains("pass    delivery/complete") && Contains("pass    batch/accepted"));
}

TEST_CASE("the example classifier keeps its contract", "[examples]") {
    keepsItsContract("classifier");
}

TEST_CASE("the example sink keeps its contract", "[examples]") { keepsItsContract("sink"); }
