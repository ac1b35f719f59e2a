#include "config/secrets.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace hearback;
using config::resolveSecret;
using hearback::testing::TempFolder;

namespace {

// A variable of the environment for as long as the test runs.
class SetVariable {
  public:
    explicit SetVariable(const char* value) { ::setenv(kName, value, 1); }
    ~SetVariable() { ::unsetenv(kName); }
    static constexpr const char* kName = "HEARBACK_TEST_SECRET";
};

} // namespace

TEST_CASE("a secret comes from the environment", "[config]") {
    const SetVariable variable("s3cret with space ");
    const auto secret = resolveSecret("env:HEARBACK_TEST_SECRET", "/");
    REQUIRE(secret);
    CHECK(*secret == "s3cret with space ");
}

TEST_CASE("a variable that is not set or empty is told by its name", "[config]") {
    const SetVariable variable("");
    const auto empty = resolveSecret("env:HEARBACK_TEST_SECRET", "/");
    REQUIRE_FALSE(empty);
    CHECK(empty.error().message == "the environment variable HEARBACK_TEST_SECRET is not set");
    CHECK_FALSE(resolveSecret("env:HEARBACK_TEST_NOT_THERE", "/"));
    CHECK_FALSE(resolveSecret("env:", "/"));
}

TEST_CASE("a secret from a file loses the newline that an editor leaves", "[config]") {
    const TempFolder folder;
    folder.write("token", "s3cret \n");
    folder.write("windows", "s3cret\r\n");
    folder.write("two", "first\nsecond\n\n");
    CHECK(*resolveSecret("file:token", folder.path()) == "s3cret ");
    CHECK(*resolveSecret("file:windows", folder.path()) == "s3cret");
    CHECK(*resolveSecret("file:two", folder.path()) == "first\nsecond");
    CHECK(*resolveSecret("file:" + (folder / "token").string(), "/nowhere") == "s3cret ");
}

TEST_CASE("a secret's file that is missing or empty or large is refused", "[config]") {
    const TempFolder folder;
    folder.write("empty", "");
    folder.write("newline", "\n");
    folder.write("large", std::string((64 << 10) + 1, 'x'));
    const auto missing = resolveSecret("file:missing", folder.path());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().code == base::Code::NotFound);
    CHECK(missing.error().message.find((folder / "missing").string()) != std::string::npos);
    const auto empty = resolveSecret("file:empty", folder.path());
    REQUIRE_FALSE(empty);
    CHECK(empty.error().message == "file:empty is empty");
    CHECK_FALSE(resolveSecret("file:newline", folder.path()));
    CHECK_FALSE(resolveSecret("file:large", folder.path()));
}

TEST_CASE("a secret itself in the configuration is refused and not repeated", "[config]") {
    CHECK_FALSE(config::isSecretReference("s3cret"));
    CHECK(config::isSecretReference("env:NAME"));
    CHECK(config::isSecretReference("file:PATH"));
    const auto refused = resolveSecret("s3cret", "/");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "must refer to a secret: \"env:NAME\" or \"file:PATH\"");
}
