// Whatever a plugin does when it is called, in a worker: this process lives, the answer says what
// happened, and nothing is lost or doubled.
#include "contract/worker_bench.h"

#include "base/utf8.h"

using namespace hearback;
using Catch::Matchers::Contains;
using hearback::testing::numbersBelow;
using hearback::testing::WorkerBench;
using pipeline::Verdict;

namespace {

// Ways to end a process, or to keep it for ever.
const std::vector<std::string> kEnds = {"segv",     "abort", "fpe",         "ill",
                                        "overflow", "exit",  "kill-itself", "thread-crash"};

struct Visit {
    std::vector<std::string> ids;
    std::vector<std::string> causes;
};

// A channel that does it in one function, once: at the first call of it.
Visit visit(const std::string& in, const std::string& does) {
    WorkerBench bench("cruel");
    const auto source =
        bench.cruel(in, does, {{"total", 30}, {"once", (bench.folder / "once").string()}});
    Visit visit;
    visit.ids = bench.readAll(*source);
    visit.causes = bench.causes;
    return visit;
}

} // namespace

TEST_CASE("every crash in every function is outlived and nothing is lost", "[zoo]") {
    const std::string in =
        GENERATE("configure", "start", "poll", "ack", "stop", "destroy", "written");
    for (const std::string& does : kEnds) {
        INFO(does << " in " << in);
        CHECK(visit(in, does).ids == numbersBelow(30));
    }
}

TEST_CASE("what is thrown does not leave the plugin", "[zoo]") {
    const std::string does = GENERATE("throw", "throw-unknown");
    const Visit seen = visit("poll", does);
    CHECK(seen.ids == numbersBelow(30));
    REQUIRE(seen.causes.size() == 1);
    CHECK_THAT(seen.causes[0], Contains("exception"));
}

TEST_CASE("a plugin that waits for itself is ended and named", "[zoo]") {
    WorkerBench bench("cruel");
    const auto instance =
        bench.make("cruel", "channel", {{"in", "configure"}, {"does", "deadlock"}});
    REQUIRE(instance);
    CHECK_THAT(instance->health().text, Contains("configure did not return within 5 s"));
}

TEST_CASE("what a plugin does to its process is its own affair", "[zoo]") {
    const std::string does =
        GENERATE("broken-pipe", "lowers-limits", "leak", "change-world", "wake-flood", "bad-free");
    INFO(does);
    CHECK(visit("poll", does).ids == numbersBelow(30));
}

TEST_CASE("a text of a plugin is shown in words and within limits", "[zoo]") {
    const auto isolation = GENERATE(config::Isolation::InProcess, config::Isolation::Worker);
    const std::string animal = GENERATE("bad_text", "huge_text");
    WorkerBench bench(animal);
    bench.isolation = isolation;
    const auto source = bench.source("zoo");
    REQUIRE(source->start(std::nullopt).isOk());
    const auto answer = source->poll({});
    source->stop();
    CHECK(answer.verdict == Verdict::Unavailable);
    CHECK(answer.text.size() < 10000);
    CHECK(base::isUtf8(answer.text));
    CHECK(answer.text.find('\x1b') == std::string::npos);
    CHECK(answer.text.find('\0') == std::string::npos);
}

TEST_CASE("tables are asked for once", "[zoo]") {
    WorkerBench bench("changes_its_mind");
    bench.isolation = GENERATE(config::Isolation::InProcess, config::Isolation::Worker);
    const auto source = bench.source("zoo");
    REQUIRE(source->start(std::nullopt).isOk());
    CHECK(source->poll({}).verdict == Verdict::End);
    CHECK(source->poll({}).verdict == Verdict::End);
    source->stop();
}

TEST_CASE("what belongs to a call that is over harms nobody but who uses it", "[zoo]") {
    WorkerBench bench("after_the_end");
    const auto source = bench.source("zoo");
    REQUIRE(source->start(std::nullopt).isOk());
    CHECK(source->poll({}).isOk());
    const auto answer = source->poll({});
    CHECK((answer.verdict == Verdict::End || answer.verdict == Verdict::Internal));
    source->stop();
}

TEST_CASE("a library that does strange things while it is loaded is outlived", "[zoo]") {
    // Throwing and closing files end the worker; the others are its own affair.
    const std::string animal =
        GENERATE("throws_on_load", "forks_on_load", "starts_threads_on_load",
                 "closes_files_on_load", "prints_on_load", "changes_world_on_load");
    INFO(animal);
    WorkerBench bench(animal);
    const auto instance = bench.make("on-load", "channel");
    REQUIRE(instance);
    const auto answer = instance->run({.method = loader::Method::Start});
    if (!answer.isOk()) CHECK_FALSE(answer.text.empty());
    if (animal == "throws_on_load" || animal == "closes_files_on_load") CHECK_FALSE(answer.isOk());
}
