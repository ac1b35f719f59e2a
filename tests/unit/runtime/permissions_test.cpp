#include "runtime/permissions.h"

#include <catch2/catch.hpp>

using namespace hearback;
using Catch::Matchers::Contains;
using runtime::isOfPattern;
using runtime::Permissions;

namespace {

loader::PluginManifest manifestWith(std::vector<std::string> needs,
                                    std::vector<std::string> hosts) {
    loader::PluginManifest manifest;
    manifest.needs = std::move(needs);
    manifest.hosts = std::move(hosts);
    return manifest;
}

} // namespace

TEST_CASE("a plugin that does not say that it sends may not", "[permissions]") {
    const Permissions permissions(manifestWith({"files"}, {}), "{}");
    const auto refused = permissions.permits("example.org");
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::Code::Unsupported);
    CHECK_THAT(refused.error().message, Contains("\"needs\""));
    CHECK(Permissions(manifestWith({"http"}, {}), "{}").permits("example.org"));
}

TEST_CASE("a plugin sends to the hosts that it names and to no other", "[permissions]") {
    const Permissions permissions(
        manifestWith({"http"}, {"api.example.org", "*.cdn.example", "setting:url", "setting:more"}),
        R"({"url": "https://Shop.Example:8443/x?y", "more": ["http://one.example", "no address", 7]})");
    for (const char* host :
         {"api.example.org", "a.cdn.example", "a.b.cdn.example", "shop.example", "one.example"}) {
        INFO(host);
        CHECK(permissions.permits(host));
    }
    for (const char* host : {"example.org", "x.api.example.org", "cdn.example", "acdn.example",
                             "cdn.example.org", "two.example", ""}) {
        INFO(host);
        const auto refused = permissions.permits(host);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().code == base::Code::Unsupported);
    }
    // A setting that is not there leads nowhere, not anywhere.
    const Permissions nowhere(manifestWith({"http"}, {"setting:url"}), "{}");
    CHECK_FALSE(nowhere.permits("example.org"));
}

TEST_CASE("a pattern is a name or what lies below one", "[permissions]") {
    CHECK(isOfPattern("a.example", "a.example"));
    CHECK(isOfPattern("b.a.example", "*.a.example"));
    CHECK_FALSE(isOfPattern("a.example", "*.a.example"));
    CHECK_FALSE(isOfPattern("ba.example", "*.a.example"));
    CHECK_FALSE(isOfPattern(".a.example", "a.example"));
}

TEST_CASE("what a new version sends to is held against what the old one did", "[permissions]") {
    using runtime::hostBeyond;
    const std::vector<std::string> old{"api.example.org", "*.cdn.example", "setting:url"};
    CHECK(hostBeyond(old, old).empty());
    CHECK(hostBeyond(old, {"a.cdn.example", "*.b.cdn.example"}).empty());
    CHECK(hostBeyond(old, {"api.example.org", "cdn.example"}) == "cdn.example");
    CHECK(hostBeyond(old, {"*.example"}) == "*.example");
    CHECK(hostBeyond(old, {"setting:other"}) == "setting:other");
    CHECK(hostBeyond(old, {}) == "anywhere");
    CHECK(hostBeyond({}, old).empty());
}
