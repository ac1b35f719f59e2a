#include "faults/seeds.h"
#include "faults/simulation.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

using namespace hearback;
using namespace hearback::testing;

namespace {

void simulate(const std::vector<std::uint64_t>& seeds) {
    int faults = 0;
    for (const std::uint64_t seed : seeds) {
        const TempFolder folder;
        Simulation simulation(folder.path(), seed);
        const std::string wrong = simulation.run();
        faults += simulation.faults();
        INFO(again(seed));
        CHECK(wrong == "");
    }
    CHECK(faults > 0);
}

} // namespace

TEST_CASE("in whatever order things happen and fail, each message is stored once and delivered",
          "[simulation]") {
    simulate(seeds(300));
}

TEST_CASE("in thousands of orders, each message is stored once and delivered",
          "[simulation][.nightly]") {
    simulate(seeds(5000, 1000));
}
