// Plugins in worker processes: the same answers as in the host, and whatever they do, the host
// lives, names the guilty one and goes on.
#include "contract/worker_bench.h"

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/feedback.pb.h"
#include "hearback/v1/host.pb.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

using namespace hearback;
using Catch::Matchers::Contains;
using hearback::testing::numbersBelow;
using hearback::testing::PluginBench;
using hearback::testing::WorkerBench;
using pipeline::Verdict;

namespace {

// A request that every classifier can answer.
std::string question() {
    v1::ClassifyRequest request;
    for (const char* text : {"I love this lamp, it is wonderful", "Die Lieferung kam zu spät",
                             "WIN A FREE PRIZE NOW click here http://spam.example", ""})
        request.add_messages()->set_text(text);
    return request.SerializeAsString();
}

} // namespace

TEST_CASE("a plugin says the same in a worker as in the host", "[worker]") {
    const std::string plugin = GENERATE("language", "sentiment", "topic", "spam");
    std::string answers[2];
    std::vector<std::string> labels[2];
    for (const auto isolation : {config::Isolation::InProcess, config::Isolation::Worker}) {
        PluginBench bench;
        bench.isolation = isolation;
        auto instance = bench.make(plugin, "classifier");
        INFO(bench.problem());
        REQUIRE(instance);
        auto classifier = runtime::makeClassifier(instance);
        REQUIRE(classifier);
        const auto answer = (*classifier)->classify(question());
        REQUIRE(answer.isOk());
        const std::size_t mode = isolation == config::Isolation::Worker ? 1 : 0;
        answers[mode] = answer.bytes;
        labels[mode] = (*classifier)->labels();
    }
    CHECK(labels[0] == labels[1]);
    CHECK_FALSE(answers[0].empty());
    CHECK(answers[0] == answers[1]);
}

TEST_CASE("a channel in a worker reads goes on and ends as in the host", "[worker]") {
    PluginBench bench;
    bench.isolation = config::Isolation::Worker;
    const auto source = bench.source("file", {{"path", (bench.folder / "in.csv").string()}});
    bench.folder.write("in.csv", "id,text\n1,one\n2,two\n");
    REQUIRE(source->polls());
    REQUIRE(source->start(std::nullopt).isOk());
    const auto answer = source->poll({});
    CHECK(answer.verdict == Verdict::End);
    v1::FeedbackBatch batch;
    REQUIRE(batch.ParseFromString(answer.bytes));
    CHECK(batch.messages_size() == 2);
    source->ack(1, true);
    source->stop();
    std::ofstream(bench.folder / "in.csv", std::ios::app) << "3,three\n";
    REQUIRE(source->start(batch.checkpoint()).isOk());
    REQUIRE(batch.ParseFromString(source->poll({}).bytes));
    REQUIRE(batch.messages_size() == 1);
    CHECK(batch.messages(0).text() == "three");
    // What is wrong with its settings is said as in the host.
    CHECK(bench.make("file", "channel", {{"path", "x"}, {"rating_min", 9}}) == nullptr);
    CHECK_THAT(bench.problem(), Contains("must be more than rating_min"));
}

TEST_CASE("a receiving channel in a worker has its routes while it runs", "[worker]") {
    WorkerBench bench("cruel");
    const auto source = bench.cruel("", "");
    REQUIRE(source->start(std::nullopt).isOk());
    REQUIRE(source->routes().size() == 1);
    CHECK(source->routes()[0].methods == std::vector<std::string>{"POST"});
    CHECK(source->receive("", "").isOk());
    CHECK(source->receive("/other", "").verdict == Verdict::Unsupported);
    source->stop();
    CHECK(source->routes().empty());
}

// A thread for each of its 256 calls would not fit into the memory that a worker may have.
TEST_CASE("a channel that allows many requests at once runs in a worker", "[worker]") {
    PluginBench bench;
    bench.isolation = config::Isolation::Worker;
    const auto source = bench.source("webhook", {{"verify", "none"}});
    REQUIRE(source->start(std::nullopt).isOk());
    REQUIRE(source->routes().size() == 1);
    v1::IngressRequest request;
    request.set_method("POST");
    request.set_body(R"({"id": "1", "text": "one"})");
    const std::string bytes = request.SerializeAsString();
    std::atomic<int> taken = 0;
    {
        std::vector<std::jthread> senders;
        for (int i = 0; i < 16; ++i)
            senders.emplace_back([&] {
                for (int n = 0; n < 20; ++n) taken += source->receive("", bytes).isOk() ? 1 : 0;
            });
    }
    CHECK(taken == 320);
}

TEST_CASE("a worker that ends in the middle loses and doubles nothing", "[worker]") {
    struct Way {
        const char* does;
        const char* cause;
    };
    const auto way = GENERATE(
        Way{"segv", "crashed with signal 11"}, Way{"abort", "crashed with signal 6"},
        Way{"ill", "crashed with signal"}, Way{"fpe", "crashed with signal 8"},
        Way{"overflow", "crashed with signal 11"}, Way{"exit", "ended by itself with status 0"},
        Way{"memory", "std::bad_alloc"}, Way{"thread-crash", "crashed with signal 6"},
        Way{"half-frame", "does not answer its heartbeat"}, Way{"huge-frame", "broke the protocol"},
        Way{"nonsense", "answered what it was not asked"},
        Way{"no-json", "a frame whose head is no JSON object"},
        Way{"impersonate", "asks for an instance that it does not have"},
        Way{"flood", "sends notes without end"});
    const std::string where = GENERATE("poll", "written");
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
    if (way.does == std::string("memory")) return; // there is no limit of memory then
#endif
    INFO(way.does << " in " << where);
    WorkerBench bench("cruel");
    bench.worker.memory_mib = 512;
    const auto source = bench.cruel(where, way.does, {{"at", 4}, {"total", 80}});
    CHECK(bench.readAll(*source) == numbersBelow(80));
    REQUIRE_FALSE(bench.causes.empty());
    CHECK_THAT(bench.causes[0], Contains(way.cause));
    for (const std::string& cause : bench.causes) UNSCOPED_INFO(cause);
    // It does it again in each new process; who has no memory left may fail once more in start().
    CHECK(bench.causes.size() <= 6);
}

TEST_CASE("a worker that hangs is ended and what it did is named", "[worker]") {
    WorkerBench bench("cruel");
    const nlohmann::json hang = {{"in", "configure"}, {"does", "hang"}};
    const auto instance = bench.make("cruel", "channel", hang);
    REQUIRE(instance); // it is tried again later
    CHECK_THAT(instance->health().text, Contains("configure did not return within 5 s"));
}

TEST_CASE("a worker that is stopped by somebody does not answer its heartbeat", "[worker]") {
    WorkerBench bench("cruel");
    const auto source = bench.cruel("poll", "stop-all", {{"at", 2}, {"total", 30}});
    CHECK(bench.readAll(*source) == numbersBelow(30));
    REQUIRE_FALSE(bench.causes.empty());
    CHECK_THAT(bench.causes[0], Contains("does not answer its heartbeat"));
}

TEST_CASE("a worker that spins beyond its processor time is ended", "[worker]") {
    WorkerBench bench("cruel");
    bench.worker.cpu_s = 1;
    const auto source = bench.cruel("poll", "spin", {{"at", 2}, {"total", 30}});
    CHECK(bench.readAll(*source) == numbersBelow(30));
    REQUIRE_FALSE(bench.causes.empty());
    CHECK_THAT(bench.causes[0], Contains("more than 1 s of processor time"));
}

TEST_CASE("crash after crash puts an instance into quarantine until it is released", "[worker]") {
    WorkerBench bench("cruel");
    const auto source = bench.cruel("poll", "segv", {{"total", 30}});
    CHECK(bench.readAll(*source).empty());
    REQUIRE(bench.causes.size() > 3);
    CHECK_THAT(bench.causes[2], Contains("crashed with signal 11"));
    CHECK_THAT(bench.causes[3], Contains("in quarantine after 3 crashes"));
    CHECK_THAT(bench.causes[3], Contains("hearback plugin release it"));
    const auto list = bench.quarantine.list();
    REQUIRE(list);
    REQUIRE(list->size() == 1);
    CHECK(list->front().plugin == "cruel");
    CHECK(*bench.quarantine.release("it"));
    CHECK_FALSE(*bench.quarantine.release("it"));
    bench.clock.advance(base::kMinute);
    CHECK(source->start(std::nullopt).isOk());
}

TEST_CASE("a library that misbehaves while it is loaded harms only its worker", "[worker]") {
    const auto [animal, cause] =
        GENERATE(table<std::string, std::string>({{"crashes_on_load", "crashed with signal 11"},
                                                  {"exits_on_load", "ended by itself"},
                                                  {"hangs_on_load", "said no hello within"}}));
    WorkerBench bench(animal);
    const auto instance = bench.make("on-load", "channel");
    REQUIRE(instance);
    const auto answer = instance->run({.method = loader::Method::Start});
    CHECK_FALSE(answer.isOk());
    const auto first = bench.quarantine.list();
    REQUIRE(first);
    bench.clock.advance(base::kMinute);
    CHECK_THAT(instance->run({.method = loader::Method::Start}).text, Contains(cause));
}

// Sanitizers do not bear a filter of system calls.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && !defined(__clang__)
TEST_CASE("a worker reaches neither the network nor other programs nor its host", "[worker]") {
    const auto [does, figure] =
        GENERATE(table<std::string, std::string>({{"socket", "socket"}, {"fork", "forked"}}));
    WorkerBench bench("cruel");
    const auto source = bench.cruel("poll", does, {{"total", 10}});
    CHECK(bench.readAll(*source) == numbersBelow(10));
    // Counted is what worked.
    CHECK(bench.metrics.text().find("hearback_plugin_" + figure) == std::string::npos);
}

TEST_CASE("a worker cannot end its host and execs nothing", "[worker]") {
    WorkerBench bench("cruel");
    const std::string does = GENERATE("kill-parent", "exec", "files", "change-world");
    const auto source = bench.cruel("poll", does, {{"total", 10}});
    CHECK(bench.readAll(*source) == numbersBelow(10));
    CHECK(bench.causes.empty());
}
#endif

TEST_CASE("a worker is gone when its instance is", "[worker]") {
    WorkerBench bench("cruel");
    auto instance = bench.make("cruel", "channel");
    REQUIRE(instance);
    REQUIRE(instance->run({.method = loader::Method::Start}).isOk());
    const auto children = [] {
        std::ifstream in("/proc/self/task/" + std::to_string(::gettid()) + "/children");
        std::string all;
        for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
            std::ifstream of(task.path() / "children");
            for (std::string pid; of >> pid;) all += pid + " ";
        }
        return all;
    };
    CHECK_FALSE(children().empty());
    instance.reset();
    CHECK(children().empty());
}

TEST_CASE("instances that share a worker have one process and go on after its end", "[worker]") {
    WorkerBench bench("cruel");
    bench.isolation = config::Isolation::WorkerShared;
    const auto good = bench.cruel("", "", {{"total", 30}});
    bench.name = "bad";
    const auto bad =
        bench.cruel("poll", "segv", {{"total", 30}, {"once", (bench.folder / "once").string()}});
    CHECK(bench.readAll(*bad) == numbersBelow(30));
    CHECK(bench.readAll(*good) == numbersBelow(30));
}

TEST_CASE("what a worker prints and logs is passed on and bounded", "[worker]") {
    WorkerBench bench("cruel");
    const std::string does = GENERATE("print", "log-flood", "log-secrets");
    const auto source = bench.cruel("poll", does, {{"total", 10}});
    CHECK(bench.readAll(*source) == numbersBelow(10));
    CHECK(bench.causes.empty());
}
