// The built hearback-check as an author or a CI system runs it.
#include "support/process.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

using namespace hearback::testing;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;
using nlohmann::json;

namespace {

const std::string kKeywords = HEARBACK_BINARY_DIR "/plugins/keywords.so";
const std::string kPlan = HEARBACK_SOURCE_DIR "/plugins/classifiers/keywords/check.toml";

Ended runCheck(std::vector<std::string> words) {
    words.insert(words.begin(), HEARBACK_BINARY_DIR "/bin/hearback-check");
    return Process(std::move(words)).wait();
}

// The shipped keywords with its plan.
Ended checkKeywords(std::vector<std::string> more) {
    more.insert(more.begin(), {kKeywords, "--config", kPlan});
    return runCheck(std::move(more));
}

// The child that runs the test; 0 where none comes. Nobody tells when it begins: it is looked for.
int childOf(Process& run, const std::string& test) {
    const std::string pid = std::to_string(run.pid());
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (run.runs() && std::chrono::steady_clock::now() < end) {
        std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
        for (int child = 0; children >> child;) {
            std::ifstream words("/proc/" + std::to_string(child) + "/cmdline");
            const std::string all((std::istreambuf_iterator<char>(words)), {});
            if (all.find(test + '\0' + "--seed") != std::string::npos) return child;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return 0;
}

// What a run says, but for its times.
std::string withoutTimes(const std::string& report) {
    json all = json::parse(report);
    all.erase("seconds");
    for (json& test : all["tests"]) test.erase("seconds");
    return all.dump();
}

} // namespace

TEST_CASE("wrong words of hearback-check end with status 2 and say what to do", "[check]") {
    for (const auto& [words, told] : std::vector<std::pair<std::vector<std::string>, std::string>>{
             {{}, "PLUGIN is required"},
             {{"no-such-file.so"}, "there is no file no-such-file.so"},
             {{kKeywords, "--level", "7"}, "not in range 0 to 3"},
             {{kKeywords, "--format", "xml"}, "{text,json,junit}"},
             {{kKeywords, "--seed", "x"}, "--seed"},
             {{kKeywords, "--stress", "0"}, "not in range 1"},
             {{kKeywords, "--include", "["}, "\"[\" is no regular expression"},
             {{kKeywords, "--exclude", "("}, "\"(\" is no regular expression"},
             {{kKeywords, "--include", "^nothing$"}, "--list names all"},
             {{kKeywords, "--plugin", "other"}, "it holds no plugin \"other\", but keywords"},
             {{kKeywords, "--config", "none.toml"}, "none.toml"},
             {{kKeywords, "--in-process"}, "name it by --include"},
             {{kKeywords, "--nonsense"}, "--help"}}) {
        const Ended ended = runCheck(words);
        INFO(ended.out << ended.err);
        CHECK(ended.code == 2);
        CHECK_THAT(ended.err + ended.out, Contains(told));
    }
}

TEST_CASE("a plan that is wrong is told by its place, and nothing is run", "[check]") {
    const TempFolder folder;
    for (const auto& [plan, told] : std::vector<std::pair<std::string, std::string>>{
             {"[[exclude]]\ntest = \"life/walk\"\n", "write why the plugin need not pass"},
             {"[[exclude]]\ntest = \"life/wolk\"\nreason = \"x\"\n", "--list names them"},
             {"[settings]\nsets = 7\n", "sets"},
             {"[[http]]\n", "plan.toml:1:"},
             {"x", "plan.toml:1:"}}) {
        const Ended ended = runCheck({kKeywords, "--config", folder.write("plan.toml", plan)});
        INFO(plan << ended.out << ended.err);
        CHECK(ended.code == 2);
        CHECK(ended.out.empty());
        CHECK_THAT(ended.err, Contains(told));
    }
}

TEST_CASE("a test that is excluded is skipped, and its reason stands in the report", "[check]") {
    const TempFolder folder;
    const std::string plan = folder.write("plan.toml", R"toml(
[settings]
sets = [{ label = "refund", words = ["refund"] }]
[[exclude]]
test = "classify/(alone|labels)"
reason = "It looks at its neighbours on purpose."
)toml");
    const Ended ended = runCheck({kKeywords, "--config", plan, "--include", "^classify/"});
    CHECK(ended.code == 0);
    for (const char* name : {"alone ", "labels"})
        CHECK_THAT(ended.out, Contains("skip    classify/" + std::string(name)) &&
                                  Contains("excluded: It looks at its neighbours on purpose."));
    CHECK_THAT(ended.out, Contains("3 passed, 2 skipped"));
}

TEST_CASE("a file that is no plugin fails level 0 with status 1", "[check]") {
    const TempFolder folder;
    const Ended ended = runCheck({folder.write("text.so", "no library\n"), "--level", "0"});
    CHECK(ended.code == 1);
    CHECK_THAT(ended.out, Contains("fail    load/file") && Contains("it does not begin like"));
    CHECK_THAT(ended.out, Contains("again") && Contains("--include '^load/file$'"));
}

TEST_CASE("only those tests run that are asked for", "[check]") {
    const Ended ended =
        checkKeywords({"--include", "^(load|classify)/", "--exclude", "-", "--format", "json"});
    REQUIRE(ended.code == 0);
    const json report = json::parse(ended.out);
    CHECK(report["summary"]["pass"] == report["tests"].size());
    for (const json& test : report["tests"]) {
        const std::string name = test["name"];
        CHECK((name.rfind("load/", 0) == 0 || name.rfind("classify/", 0) == 0));
        CHECK(name.find('-') == std::string::npos);
    }
    const json loads = json::parse(checkKeywords({"--level", "0", "--format", "json"}).out);
    for (const json& test : loads["tests"]) CHECK(test["level"] == 0);
}

TEST_CASE("the same seed makes the same run", "[check]") {
    const auto run = [] {
        return checkKeywords({"--seed", "7", "--include", "^(settings|host)/", "--format", "json"});
    };
    const Ended first = run();
    CHECK(first.code == 0);
    CHECK(json::parse(first.out)["seed"] == 7);
    CHECK(withoutTimes(first.out) == withoutTimes(run().out));
}

TEST_CASE("a report goes into a file in every format, and the text to the terminal", "[check]") {
    const TempFolder folder;
    for (const auto& [format, begins] : {std::pair{"text", "keywords 1.0.0 (classifier)"},
                                         std::pair{"json", "{"}, std::pair{"junit", "<?xml"}}) {
        const Ended ended = checkKeywords(
            {"--level", "0", "--format", format, "--output", (folder / "report").string()});
        CHECK(ended.code == 0);
        CHECK_THAT(ended.out, Contains("pass    load/file"));
        CHECK_THAT(folder.read("report"), StartsWith(begins));
    }
    CHECK(checkKeywords({"--level", "0", "--output", "/nonexistent/report"}).code == 2);
}

TEST_CASE("one test runs in the process itself, for a debugger", "[check]") {
    const Ended ended = checkKeywords({"--in-process", "--include", "^life/walk$"});
    CHECK(ended.code == 0);
    CHECK_THAT(ended.out, Contains("pass life/walk"));
}

TEST_CASE("a trace holds the calls of both sides as a viewer reads them", "[check]") {
    const TempFolder folder;
    const std::string file = (folder / "trace.json").string();
    REQUIRE(checkKeywords({"--include", "^life/walk$", "--trace", file}).code == 0);
    const json events = json::parse(folder.read("trace.json"))["traceEvents"];
    std::string names;
    for (const json& event : events) {
        CHECK(event.contains("ph"));
        names += event.value("name", "") + " ";
    }
    CHECK_THAT(names, Contains("configure") && Contains("classify") && Contains("stop"));
}

TEST_CASE("the list of tests and the help need no plugin", "[check]") {
    const Ended list = runCheck({"--list"});
    CHECK(list.code == 0);
    CHECK_THAT(list.out, Contains("| `poll/items` | 1 | channels |"));
    const Ended help = runCheck({"--help"});
    CHECK(help.code == 0);
    CHECK_THAT(help.out, Contains("Exit status") && Contains("docs/check.md"));
}

TEST_CASE("a run that is broken off ends its children and says so", "[check]") {
    Process run({HEARBACK_BINARY_DIR "/bin/hearback-check", kKeywords, "--config", kPlan, "--level",
                 "3", "--stress", "600", "--include", "^stress/fuzz$"});
    const int child = childOf(run, "stress/fuzz");
    REQUIRE(child > 0);
    run.signal(SIGINT);
    const Ended ended = run.wait();
    CHECK(ended.code == 1);
    CHECK_THAT(ended.out, Contains("broken off"));
    CHECK_FALSE(std::filesystem::exists("/proc/" + std::to_string(child)));
}
