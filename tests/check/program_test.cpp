// The built hearback-check with a plugin that is a program: the example in Python, and the same
// with one thing wrong.
#include "base/file.h"
#include "support/process.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

using namespace hearback;
using namespace hearback::testing;
using Catch::Matchers::Contains;

namespace {

const std::filesystem::path kExample = HEARBACK_SOURCE_DIR "/examples/languages";

bool hasPython() {
    if (Process({"python3", "--version"}).wait().code == 0) return true;
    WARN("SKIPPED: python3 is not installed");
    return false;
}

Ended checkProgram(const std::filesystem::path& manifest, std::vector<std::string> more,
                   const std::filesystem::path& plan = kExample / "hearback-check.toml") {
    more.insert(more.begin(),
                {HEARBACK_BINARY_DIR "/bin/hearback-check", manifest, "--config", plan});
    return Process(std::move(more)).wait(std::chrono::seconds(100));
}

// A shipped library as a program: the worker loads it, and speaks the frames of the wire format.
std::filesystem::path asProgram(const TempFolder& folder, const std::string& name) {
    const std::string library = HEARBACK_BINARY_DIR "/plugins/" + name + ".so";
    const std::string section = (folder / "manifest").string();
    const Ended copied =
        Process({"objcopy", "-O", "binary", "--only-section=.hearback.manifest", library, section})
            .wait();
    INFO(copied.err);
    REQUIRE(copied.code == 0);
    std::string text = base::readFile(section, 1 << 20).value();
    text.resize(std::min(text.size(), text.find('\0')));
    auto manifest = nlohmann::json::parse(text);
    manifest["program"] = {"./" + name + ".sh"};
    const std::filesystem::path script = folder / (name + ".sh");
    REQUIRE(base::writeFile(script, "#!/bin/sh\nexec " HEARBACK_BINARY_DIR
                                    "/bin/hearback-worker --plugin " +
                                        library + " 3<&0 </dev/null >/dev/null\n"));
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    const std::filesystem::path file = folder / (name + ".plugin.json");
    REQUIRE(base::writeFile(file, manifest.dump()));
    return file;
}

std::map<std::string, std::string> resultsOf(const Ended& ended) {
    std::map<std::string, std::string> results;
    const auto report = nlohmann::json::parse(ended.out);
    for (const auto& test : report["tests"]) results[test["name"]] = test["result"];
    return results;
}

// What the kit says of one test of the example, in which `from` was made `to`.
Ended checkWith(const std::string& from, const std::string& to, const std::string& test) {
    const TempFolder folder;
    std::filesystem::copy(kExample / "python", folder.path());
    std::string source = base::readFile(folder / "reviews.py", 1 << 20).value();
    const auto at = source.find(from);
    REQUIRE(at != std::string::npos);
    source.replace(at, from.size(), to);
    REQUIRE(base::writeFile(folder / "reviews.py", source));
    std::filesystem::permissions(folder / "reviews.py", std::filesystem::perms::owner_all);
    return checkProgram(folder / "reviews.plugin.json", {"--include", "^" + test + "$"});
}

} // namespace

TEST_CASE("a program is held to the contract over its frames", "[check][program]") {
    if (!hasPython()) return;
    const Ended ended =
        checkProgram(kExample / "python/reviews.plugin.json", {"--format", "json", "--seed", "1"});
    INFO(ended.out << ended.err);
    REQUIRE(ended.code == 0);
    auto results = resultsOf(ended);
    for (const char* test : {"load/file", "host/without-features", "life/walk", "life/order",
                             "settings/invalid", "threads/cancel", "batch/accepted",
                             "delivery/complete", "delivery/killed", "http/rate-limited"}) {
        INFO(test);
        CHECK(results[test] == "pass");
    }
    // What is told of a library's memory can be told of no program.
    CHECK(results.count("memory/arguments") == 0);
    CHECK(results.count("load/one-symbol") == 0);
}

TEST_CASE("a shipped plugin behind frames keeps the contract that it keeps as a library",
          "[check][program]") {
    struct Shipped {
        const char* name;
        const char* plan;
        std::vector<std::string> passes;
    };
    for (const Shipped& shipped :
         {Shipped{"keywords", "classifiers/keywords", {"classify/answers", "classify/labels"}},
          Shipped{"webhook", "channels/webhook", {"receive/requests", "receive/forged"}},
          Shipped{"webhook-out", "sinks/webhook", {"write/results", "sink/killed"}}}) {
        const TempFolder folder;
        const Ended ended = checkProgram(
            asProgram(folder, shipped.name), {"--format", "json", "--seed", "1"},
            std::filesystem::path(HEARBACK_SOURCE_DIR "/plugins") / shipped.plan / "check.toml");
        INFO(shipped.name << ":\n" << ended.out << ended.err);
        CHECK(ended.code == 0);
        auto results = resultsOf(ended);
        for (const std::string& test : shipped.passes) {
            INFO(test);
            CHECK(results[test] == "pass");
        }
    }
}

TEST_CASE("a program that breaks its contract fails the test of that rule", "[check][program]") {
    if (!hasPython()) return;
    struct Wrong {
        const char* from;
        const char* to;
        const char* test;
    };
    for (const Wrong& wrong :
         {Wrong{"self.next + head[\"max_items\"]", "self.next + 1000", "poll/items"},
          Wrong{"self.expect(\"runs\")", "pass", "life/order"},
          Wrong{"Failure(CONFIG, \"/url is missing\")", "Failure(CONFIG, \"no\")",
                "settings/invalid"},
          Wrong{"raise Failure(RATE_LIMITED", "raise Failure(UNAVAILABLE", "http/rate-limited"},
          Wrong{"self.next = 0  # all is read", "sys.exit(7)  # all is read", "life/walk"},
          Wrong{"pipe.send({\"hello\": 1", "pipe.send({\"hello\": 2", "contract/tables"},
          Wrong{"pipe.send({\"hello\": 1, \"encoding\": \"json\"})", "sys.exit(7)",
                "contract/tables"}}) {
        const Ended ended = checkWith(wrong.from, wrong.to, wrong.test);
        INFO(wrong.test << ":\n" << ended.out << ended.err);
        CHECK(ended.code == 1);
        CHECK_THAT(ended.out, Contains("fail    " + std::string(wrong.test)));
    }
}

TEST_CASE("a program that cannot be started is told with its cause", "[check][program]") {
    const TempFolder folder;
    std::filesystem::copy(kExample / "python", folder.path());
    std::filesystem::remove(folder / "reviews.py");
    const Ended ended = checkProgram(folder / "reviews.plugin.json", {"--include", "^load/file$"});
    INFO(ended.out << ended.err);
    CHECK(ended.code == 1);
    CHECK_THAT(ended.out, Contains("the manifest of a program that is there"));
}
