#include "base/fingerprint.h"

#include <catch2/catch.hpp>

using namespace hearback;
using base::Fingerprint;

// Fingerprints are stored in tables. These numbers come from another implementation of FNV-1a; they
// stay as they are, whatever happens to the code.
TEST_CASE("a fingerprint never changes", "[base]") {
    CHECK(Fingerprint().value() == -3750763034362895579);
    CHECK(Fingerprint().add("The lamp flickers.").value() == -443882935775763167);
    CHECK(Fingerprint().add(std::int64_t{0}).value() == -6284781860667377211);
    CHECK(Fingerprint().add(std::int64_t{-1}).value() == -8289690350564177859);
    CHECK(Fingerprint().add("shop").add("a").add(std::int64_t{1772452800000000}).value() ==
          4292934665864431091);
}

TEST_CASE("where one part ends and the next begins makes a difference", "[base]") {
    CHECK(Fingerprint().add("ab").add("c").value() != Fingerprint().add("a").add("bc").value());
    CHECK(Fingerprint().add("").add("a").value() != Fingerprint().add("a").add("").value());
}
