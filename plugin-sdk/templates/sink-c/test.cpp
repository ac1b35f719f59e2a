// The sink @NAME@ in a host of the test's own.
#include <hearback/testing/plugin_under_test.hpp>

#include <cstdio>
#include <fstream>
#include <iterator>

using namespace hearback::testing;

static int failures = 0;
static void expect(bool holds, const char* what, int line) {
    if (!holds) std::printf("test.cpp:%d: not so: %s\n", line, what);
    failures += holds ? 0 : 1;
}
#define EXPECT(...) expect((__VA_ARGS__), #__VA_ARGS__, __LINE__)

static void writes_a_line_for_each_message() {
    const std::string path = "@NAME@-test.tsv";
    std::remove(path.c_str());
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"path", path}});
    EXPECT(plugin.start().ok());
    Deliveries deliveries;
    deliveries.add("key-1").author({"", "", "Ada", -1, ""}).text("Two\nlines");
    deliveries.add("key-2").text("The lamp hums.");
    EXPECT(plugin.write(deliveries).of(1).ok());
    std::ifstream in(path);
    const std::string all(std::istreambuf_iterator<char>(in), {});
    EXPECT(all == "key-1\tAda\tTwo lines\nkey-2\t\tThe lamp hums.\n");
    std::remove(path.c_str());
}

static void says_where_it_cannot_write() {
    FakeHost host;
    PluginUnderTest plugin(host, load(HEARBACK_PLUGIN_FILE), {{"path", "/nowhere/file"}});
    EXPECT(plugin.start().ok());
    Deliveries deliveries;
    deliveries.add("key-1").text("one");
    const Written written = plugin.write(deliveries);
    EXPECT(written.of(0).status == HB_UNAVAILABLE);
    EXPECT(written.text.find("/nowhere/file") != std::string::npos);
}

int main() {
    writes_a_line_for_each_message();
    says_where_it_cannot_write();
    return failures == 0 ? 0 : 1;
}
