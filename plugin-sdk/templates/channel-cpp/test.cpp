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

static const std::string kUrl = "https://reviews.example/list";

static void brings_in_a_sample_without_a_url() {
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE));
    EXPECT(plugin.start().ok());
    const Batch batch = plugin.poll();
    EXPECT(batch.messages.size() == 1 && batch.messages[0].text == "A lamp!");
    EXPECT(host.calls().empty());
}

static void goes_on_after_what_was_stored() {
    FakeHost host;
    host.answers("GET", kUrl + "?from=0", 200,
                 R"({"reviews": [{"id": "7", "text": "Thank you!"}]})");
    host.answers("GET", kUrl + "?from=1", 200, R"({"reviews": []})");
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"url", kUrl}});
    EXPECT(plugin.start().ok());
    const Batch batch = plugin.poll();
    EXPECT(batch.messages.size() == 1 && batch.messages[0].external_id == "7");
    plugin.store(batch);
    EXPECT(plugin.restart().ok());
    EXPECT(plugin.poll().messages.empty());
    EXPECT(host.calls().back().url == kUrl + "?from=1");
    EXPECT(plugin.startFrom("a note of another version").ok());
}

static void keeps_what_it_cannot_read_and_the_rest() {
    FakeHost host;
    host.answers("GET", kUrl + "?from=0", 200,
                 R"({"reviews": [{"id": 7}, {"id": "8", "text": "Fine."}]})");
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"url", kUrl}});
    EXPECT(plugin.start().ok());
    const Batch batch = plugin.poll();
    EXPECT(batch.rejects.size() == 1 && batch.rejects[0].payload == R"({"id":7})");
    EXPECT(batch.messages.size() == 1 && batch.messages[0].text == "Fine.");
}

static void says_why_it_has_nothing() {
    FakeHost host;
    host.answers("GET", kUrl + "?from=0", 500, "");
    host.answers("GET", kUrl + "?from=0", 200, "<html>");
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"url", kUrl}});
    EXPECT(plugin.start().ok());
    EXPECT(plugin.poll().text == "HTTP status 500");
    EXPECT(plugin.poll().status == HB_UNAVAILABLE);
}

int main() {
    brings_in_a_sample_without_a_url();
    goes_on_after_what_was_stored();
    keeps_what_it_cannot_read_and_the_rest();
    says_why_it_has_nothing();
    return failures == 0 ? 0 : 1;
}
