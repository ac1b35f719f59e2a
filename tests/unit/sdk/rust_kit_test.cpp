// The kit for plugins in Rust, by a plugin that uses it (rust_kit.rs).
#include <hearback/testing/plugin_under_test.hpp>

#include <catch2/catch.hpp>

using namespace hearback;
using testing::FakeHost;
using testing::PluginUnderTest;

TEST_CASE("a plugin in Rust signs in with the host's token and tells when it was refused",
          "[rust]") {
    FakeHost host;
    PluginUnderTest plugin(host, testing::load(HEARBACK_RUST_KIT));
    REQUIRE(plugin.start().ok());
    CHECK(plugin.poll().text == "the test has no token of https://x.example/token");
    host.setToken("https://x.example/token", "t-1");
    host.answers("GET", "https://x.example/all", 200, "hello");
    host.answers("GET", "https://x.example/all", 401, "");
    host.answers("GET", "https://x.example/all", 404, "");
    const auto batch = plugin.poll();
    REQUIRE(batch.messages.size() == 1);
    CHECK(batch.messages[0].text == "hello");
    CHECK(host.calls().at(0).headers.at(0).second == "Bearer t-1");
    CHECK(host.refusedTokens().empty());
    CHECK(plugin.poll().status == HB_AUTH);
    CHECK(host.refusedTokens() == std::vector<std::string>{"https://x.example/token"});
    const auto lost = plugin.poll();
    CHECK(lost.status == HB_UNAVAILABLE);
    CHECK(lost.text == "HTTP status 404");
}
