// The classifier @NAME@ in a host of the test's own.
#include <hearback/testing/plugin_under_test.hpp>

#include <cstdio>

using namespace hearback::testing;

static int failures = 0;
static void expect(bool holds, const char* what, int line) {
    if (!holds) std::printf("test.cpp:%d: not so: %s\n", line, what);
    failures += holds ? 0 : 1;
}
#define EXPECT(...) expect((__VA_ARGS__), #__VA_ARGS__, __LINE__)

using Labels = std::vector<std::string>;

static void tells_what_is_urgent_and_why() {
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE));
    EXPECT(plugin.start().ok());
    hearback::BatchOut request;
    request.add().text("Please call me IMMEDIATELY.");
    request.add().text("Thank you!");
    request.add().subject("No text");
    const Annotations answer = plugin.classify(request);
    EXPECT(answer.ok());
    EXPECT(answer.of(0) == Labels{"urgent"} && answer.said.at(0).reason == "immediately");
    EXPECT(answer.of(1) == Labels{"calm"});
    EXPECT(answer.of(2) == Labels{"calm"});
}

static void has_another_version_with_other_words() {
    FakeHost host;
    hearback::BatchOut request;
    request.add().text("Dringend!");
    PluginUnderTest one(host, load(HEARBACK_PLUGIN_FILE));
    PluginUnderTest other(host, load(HEARBACK_PLUGIN_FILE), {{"words", {"dringend"}}});
    EXPECT(one.start().ok() && other.start().ok());
    const Annotations first = one.classify(request);
    const Annotations second = other.classify(request);
    EXPECT(first.of(0) == Labels{"calm"} && second.of(0) == Labels{"urgent"});
    EXPECT(first.said.at(0).model_version != second.said.at(0).model_version);
}

int main() {
    tells_what_is_urgent_and_why();
    has_another_version_with_other_words();
    return failures == 0 ? 0 : 1;
}
