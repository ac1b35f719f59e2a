#include "base/suggest.h"

#include <catch2/catch.hpp>

#include <vector>

using namespace hearback;

TEST_CASE("the nearest known word is suggested", "[base]") {
    const std::vector<std::string> known = {"sentiment", "topic", "text", "author.handle"};
    CHECK(base::suggest("topc", known) == " (did you mean \"topic\"?)");
    CHECK(base::suggest("sentimnet", known) == " (did you mean \"sentiment\"?)");
    CHECK(base::suggest("txet", known) == " (did you mean \"text\"?)");
    CHECK(base::suggest("author.name", known) == "");
}

TEST_CASE("nothing is suggested where nothing is near", "[base]") {
    const std::vector<std::string> known = {"sentiment", "topic"};
    CHECK(base::suggest("wavelength", known).empty());
    CHECK(base::suggest("", known).empty());
    CHECK(base::suggest("topic", {}).empty());
    // Long words are not worth the time.
    CHECK(base::suggest(std::string(1000000, 'x'), known).empty());
}
