#include "integration/server.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::testing;

// The quickstart's own configuration and sample, as scripts/run uses them.
TEST_CASE("the quickstart stores its sample and shows its two stories", "[quickstart]") {
    TempFolder folder;
    std::filesystem::copy(HEARBACK_SOURCE_DIR "/examples/quickstart/hearback.toml",
                          folder / "hearback.toml");
    const std::string config = (folder / "hearback.toml").string();
    const Ended sample = Process({HEARBACK_BINARY_DIR "/bin/sample_feedback", "--texts",
                                  HEARBACK_SOURCE_DIR "/examples/quickstart/sample/texts.tsv",
                                  "--end", "2026-10-01"})
                             .wait();
    REQUIRE(sample.code == 0);
    const std::string file = folder.write("sample.ndjson", sample.out);
    const Ended imported = runHearback({"-c", config, "--json", "import", file});
    INFO(imported.err);
    REQUIRE(imported.code == 0);
    const auto counts = nlohmann::json::parse(imported.out);
    CHECK(counts["inserted"] == 420);
    CHECK(counts["revised"] > 0);
    CHECK(counts["dead_letters"] == 0);
    const auto report = nlohmann::json::parse(
        runHearback({"-c", config, "--json", "report", "--by", "channel"}).out);
    CHECK(report["rows"].size() == 6);
    CHECK(report["total"]["messages"] == 420);
    CHECK(report["total"]["negative"] > 100);
    // What the rules handed on is in the files.
    CHECK_FALSE(folder.read("data/support.ndjson").empty());
    CHECK(folder.read("data/product.csv").find("id,source,channel") == 0);
    const auto again =
        nlohmann::json::parse(runHearback({"-c", config, "--json", "import", file}).out);
    CHECK(again["inserted"] == 0);
}
