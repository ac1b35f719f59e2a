#include "runtime/instance_secrets.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <cstdlib>

using namespace hearback;
using hearback::testing::ManualClock;
using hearback::testing::TempFolder;
using runtime::InstanceSecrets;

TEST_CASE("what an instance says loses its secrets whole and before their change", "[secrets]") {
    TempFolder folder;
    ManualClock clock;
    ::setenv("HEARBACK_TEST_SECRET", "s3cret-of-env", 1);
    ::setenv("HEARBACK_TEST_SHORT", "abc", 1);
    folder.write("token", "first-token\n");
    folder.write("key.pem", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG\nshort\n");
    std::vector<std::string> changed;
    InstanceSecrets secrets({{"password", "env:HEARBACK_TEST_SECRET"},
                             {"short", "env:HEARBACK_TEST_SHORT"},
                             {"token", "file:token"},
                             {"key", "file:key.pem"}},
                            folder.path(), clock,
                            [&](const std::string& setting) { changed.push_back(setting); });
    CHECK(secrets.without("with s3cret-of-env and first-token twice: first-token") ==
          "with *** and *** twice: ***");
    // A secret of three letters would take words out of sentences.
    CHECK(secrets.without("abcdef") == "abcdef");
    CHECK(secrets.without("a line: MIIEvQIBADANBgkqhkiG, short") == "a line: ***, short");
    CHECK(*secrets.get("token") == "first-token");
    CHECK(secrets.get("url").error().code == base::Code::Unsupported);
    CHECK(changed.empty());
    // The file is another one: noticed without being asked for, within a second.
    folder.write("token", "second-token\n");
    clock.advance(base::kSecond);
    CHECK(secrets.without("first-token second-token") == "*** ***");
    CHECK(changed == std::vector<std::string>{"token"});
    CHECK(*secrets.get("token") == "second-token");
    CHECK(changed.size() == 1);
    // Asked for, it is read again in any case.
    folder.write("token", "third--token\n");
    CHECK(*secrets.get("token") == "third--token");
    CHECK(changed.size() == 2);
    secrets.hide("an-access-token");
    CHECK(secrets.without("Bearer an-access-token") == "Bearer ***");
    // One that cannot be read at the moment is no change.
    std::filesystem::remove(folder / "token");
    clock.advance(base::kSecond);
    CHECK(secrets.without("third--token") == "***");
    CHECK_FALSE(secrets.get("token"));
    CHECK(changed.size() == 2);
}

TEST_CASE("many tokens later the present secrets are still hidden", "[secrets]") {
    TempFolder folder;
    ManualClock clock;
    folder.write("token", "the-present-one");
    InstanceSecrets secrets({{"token", "file:token"}}, folder.path(), clock,
                            [](const std::string&) {});
    for (int i = 0; i < 1000; ++i) secrets.hide("access-token-" + std::to_string(i));
    CHECK(secrets.without("the-present-one access-token-999") == "*** ***");
    // One that is part of another goes with it.
    secrets.hide("the-present-one-and-more");
    CHECK(secrets.without("the-present-one-and-more") == "***");
}
