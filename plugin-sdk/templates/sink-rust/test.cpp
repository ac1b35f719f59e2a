// The sink @NAME@ in a host of the test's own: no server, no network.
#include <hearback/testing/plugin_under_test.hpp>

#include <cstdio>

using namespace hearback::testing;

static int failures = 0;
static void expect(bool holds, const char* what, int line) {
    if (!holds) std::printf("test.cpp:%d: not so: %s\n", line, what);
    failures += holds ? 0 : 1;
}
#define EXPECT(...) expect((__VA_ARGS__), #__VA_ARGS__, __LINE__)

static const std::string kUrl = "https://desk.example/in";

static void sends_each_message_with_its_key() {
    FakeHost host;
    host.answers("POST", kUrl, 201, "");
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"url", kUrl}, {"token", "t-1"}});
    EXPECT(plugin.start().ok());
    Deliveries deliveries;
    deliveries.add("key-1").text("The lamp hums.");
    EXPECT(plugin.write(deliveries).of(0).ok());
    const hearback::HttpCall call = host.calls().at(0);
    EXPECT(nlohmann::json::parse(call.body).at("text") == "The lamp hums.");
    EXPECT(call.headers.at(1).second == "key-1");
    EXPECT(call.headers.at(2).second == "Bearer t-1");
}

static void gives_up_on_one_and_waits_with_the_rest() {
    FakeHost host;
    host.answers("POST", kUrl, 422, "");
    host.answers("POST", kUrl, 200, "");
    host.answers("POST", kUrl, 503, "");
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"url", kUrl}});
    EXPECT(plugin.start().ok());
    Deliveries deliveries;
    deliveries.add("key-1").text("one");
    deliveries.add("key-2").text("two");
    deliveries.add("key-3").text("three");
    const Written written = plugin.write(deliveries);
    EXPECT(written.of(0).status == HB_ITEM_INVALID);
    EXPECT(written.of(1).ok());
    EXPECT(written.of(2).status == HB_UNAVAILABLE);
}

int main() {
    sends_each_message_with_its_key();
    gives_up_on_one_and_waits_with_the_rest();
    return failures == 0 ? 0 : 1;
}
