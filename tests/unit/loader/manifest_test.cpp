#include "loader/manifest.h"

#include <catch2/catch.hpp>

using hearback::loader::parseManifest;
using nlohmann::json;

namespace {

std::string manifestWith(const char* key, const json& value) {
    json manifest = {{"manifest", 1},
                     {"abi", {1, 0}},
                     {"schema_level", 1},
                     {"plugins", {{{"id", "x"}, {"version", "1.0.0"}, {"kind", "sink"}}}}};
    manifest[key] = value;
    return manifest.dump();
}

std::string refusalOf(const char* key, const json& value) {
    const auto read = parseManifest(manifestWith(key, value));
    return read ? "it is taken" : read.error().message;
}

} // namespace

TEST_CASE("a version beyond an integer is not cut to one that is known", "[runtime]") {
    const std::string refusal = R"(its manifest does not name its "abi" and "schema_level")";
    CHECK(refusalOf("abi", {1, 0}) == "it is taken");
    CHECK(refusalOf("abi", {4294967297, 0}) == refusal);
    CHECK(refusalOf("abi", {1, -1}) == refusal);
    CHECK(refusalOf("abi", {1, 18446744073709551615U}) == refusal);
    CHECK(refusalOf("abi", {1, 0.5}) == refusal);
    CHECK(refusalOf("schema_level", 4294967297) == refusal);
}
