// `hearback plugin dev`: what an author sees between two saves of a file.
#include "integration/sdk/installed_sdk.h"
#include "integration/server.h"

#include <catch2/catch.hpp>

#include <csignal>

using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

std::size_t countOf(const std::string& text, const std::string& part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

// An author at work on a plugin in C, which is built in a moment.
struct Author {
    InstalledSdk sdk;
    std::filesystem::path folder;
    std::string source;
    std::unique_ptr<Process> dev;

    explicit Author(const std::string& kind) : folder(sdk.home() / "lamp") {
        sdk.mustRun(sdk.home(), "hearback plugin new lamp --lang c --kind " + kind);
        write("CMakeLists.txt", "cmake_minimum_required(VERSION 3.25)\n"
                                "project(lamp LANGUAGES C)\n"
                                "find_package(HearbackSDK REQUIRED)\n"
                                "hearback_add_plugin(lamp SOURCES lamp.c)\n");
        std::ifstream in(folder / "lamp.c");
        source.assign(std::istreambuf_iterator<char>(in), {});
    }
    void write(const std::string& name, const std::string& content) const {
        std::ofstream(folder / name) << content;
    }
    void replace(const std::string& what, const std::string& by) {
        REQUIRE(source.find(what) != std::string::npos);
        source.replace(source.find(what), what.size(), by);
    }
    void save() const { write("lamp.c", source); }
    void begin() { dev = sdk.begin(sdk.home(), "hearback plugin dev lamp"); }
    bool sees(const std::string& text, std::size_t times = 1) const {
        return eventually([&] { return countOf(dev->out(), text) >= times || !dev->runs(); },
                          std::chrono::seconds(120)) &&
               countOf(dev->out(), text) >= times;
    }
    std::string end() const {
        dev->signal(SIGINT);
        const Ended ended = dev->wait();
        INFO(ended.out << ended.err);
        CHECK(ended.code == 0);
        return ended.out;
    }
};

} // namespace

TEST_CASE("an author at work sees a change go on at the checkpoint, and mends what does not build",
          "[dev]") {
    Author author("channel");
    author.begin();
    INFO(author.dev->out() << author.dev->err());
    REQUIRE(author.sees("message   sample-2  \"The lamp hums at night.\""));
    CHECK(author.sees("from the beginning"));

    author.replace("\"The lamp hums at night.\"}", "\"The lamp hums at night.\", \"New!\"}");
    author.save();
    REQUIRE(author.sees("message   sample-3  \"New!\""));
    CHECK(author.sees("start     from checkpoint \"1 2\""));

    const std::string good = author.source;
    author.source += "nonsense\n";
    author.save();
    REQUIRE(author.sees("failed: mend it, and save"));
    CHECK_THAT(author.dev->out(), Contains("error: ") && Contains("nonsense"));
    author.source = good;
    author.save();
    REQUIRE(author.sees("start     from checkpoint \"1 3\""));

    // A poll that fails is told with its status and text.
    author.replace("    hbc_buffer batch = {0};\n",
                   "    hbc_buffer batch = {0};\n"
                   "    if (batch_id) return hbc_fail(self->host, HB_UNAVAILABLE, \"closed\");\n");
    author.save();
    REQUIRE(author.sees("poll      UNAVAILABLE (4): closed"));

    const std::string told = author.end();
    CHECK(countOf(told, "message   sample-1") == 1);
    CHECK(countOf(told, "message   sample-3") == 1);
    CHECK_THAT(told, Contains("check     ") && Contains(" passed"));
}

TEST_CASE("an author at work sees labels of sample texts", "[dev]") {
    Author author("classifier");
    author.begin();
    INFO(author.dev->out() << author.dev->err());
    REQUIRE(author.sees("label     ", 2));
    CHECK_THAT(author.dev->out(), Contains("urgent 0.9"));
    author.end();
}

TEST_CASE("an author at work sees deliveries of sample messages, with the project's settings",
          "[dev]") {
    Author author("sink");
    author.begin();
    REQUIRE(author.sees("settings  "));
    CHECK_THAT(author.dev->out(), Contains("path"));
    author.write("hearback.toml", "[[sink]]\nname = \"out\"\nplugin = \"lamp\"\n"
                                  "settings.path = \"build/out.txt\"\n");
    INFO(author.dev->out() << author.dev->err());
    REQUIRE(author.sees("sent      \"", 3));
    author.end();
    std::ifstream out(author.folder / "build/out.txt");
    std::size_t lines = 0;
    for (std::string line; std::getline(out, line);) ++lines;
    CHECK(lines == 3);
}

TEST_CASE("where there is no plugin to work on, plugin dev says how to begin one", "[dev]") {
    const InstalledSdk sdk;
    const Ended nowhere = sdk.run(sdk.home(), "hearback plugin dev");
    CHECK(nowhere.code == 4);
    CHECK_THAT(nowhere.err, Contains("hearback plugin new"));
    CHECK_THAT(sdk.mustRun(sdk.home(), "hearback plugin dev --help"),
               Contains("whenever you save"));
}
