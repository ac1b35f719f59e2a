// The channel @NAME@ in a host of the test's own: no server, no network, no waiting.
#include <hearback/testing/plugin_under_test.hpp>

#include <cstdio>

using namespace hearback::testing;

static int failures = 0;
static void expect(bool holds, const char* what, int line) {
    if (!holds) std::printf("test.cpp:%d: not so: %s\n", line, what);
    failures += holds ? 0 : 1;
}
#define EXPECT(...) expect((__VA_ARGS__), #__VA_ARGS__, __LINE__)

static void brings_in_its_sample_once() {
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"product", "shade"}});
    EXPECT(plugin.configured.ok());
    EXPECT(plugin.start().ok());
    const Batch batch = plugin.poll();
    EXPECT(batch.messages.size() == 2 && batch.messages[1].text == "The lamp hums at night.");
    EXPECT(batch.messages[0].attributes.at(0).second == "shade");
    plugin.store(batch);
    EXPECT(plugin.poll().status == HB_AGAIN);
}

static void goes_on_after_what_was_stored() {
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE));
    EXPECT(plugin.start().ok());
    plugin.store(plugin.poll(1));
    EXPECT(plugin.restart().ok());
    const Batch batch = plugin.poll();
    EXPECT(batch.messages.size() == 1 && batch.messages[0].external_id == "sample-2");
    EXPECT(plugin.startFrom("a note of another version").ok());
    EXPECT(plugin.poll().messages.size() == 2);
}

static void says_which_setting_is_wrong() {
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"product", std::string(64, 'x')}});
    EXPECT(plugin.configured.status == HB_CONFIG && plugin.configured.path == "/product");
}

int main() {
    brings_in_its_sample_once();
    goes_on_after_what_was_stored();
    says_which_setting_is_wrong();
    return failures == 0 ? 0 : 1;
}
