// docs/tutorial.md is run as it stands, in an empty folder away from the tree, with a stopwatch.
#include "integration/sdk/installed_sdk.h"
#include "integration/sdk/tutorial.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdio>

using namespace hearback::testing;
using Catch::Matchers::Contains;

TEST_CASE("the tutorial leads from the packages to a green check in time and in few lines",
          "[tutorial]") {
    const Tutorial tutorial = readTutorial(HEARBACK_SOURCE_DIR "/docs/tutorial.md");
    REQUIRE(tutorial.files >= 4);
    REQUIRE(tutorial.expected.size() >= 3);
    const InstalledSdk sdk;
    const auto began = std::chrono::steady_clock::now();
    const std::string told = sdk.mustRun(sdk.home(), tutorial.script);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    for (const std::string& line : tutorial.expected) CHECK_THAT(told, Contains(line));
    CHECK_THAT(told, Contains("acme-reviews-check ")); // hearback-check was found
    std::printf("the tutorial: %.0f seconds, %zu lines of the author's\n", took.count(),
                tutorial.lines);
    CHECK(took < std::chrono::seconds(300));
    CHECK(tutorial.lines < 60);
}
