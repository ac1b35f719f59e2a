#include "contract/plugin_bench.h"
#include "support/scripted_server.h"

#include "hearback/v1/delivery.pb.h"

#include <hearback/signatures/signatures.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace hearback;
using hearback::testing::PluginBench;
using hearback::testing::ScriptedServer;

namespace {

std::string batchOf(const std::vector<std::pair<std::string, std::string>>& keysAndTexts) {
    v1::DeliveryBatch batch;
    for (const auto& [key, text] : keysAndTexts) {
        v1::Delivery& delivery = *batch.add_deliveries();
        delivery.set_idempotency_key(key);
        delivery.set_message_id(7);
        delivery.mutable_message()->set_text(text);
        delivery.mutable_message()->set_occurred_at_us(1772452800 * base::kSecond);
    }
    return batch.SerializeAsString();
}

std::unique_ptr<pipeline::Sink> fileSink(PluginBench& bench, const nlohmann::json& settings) {
    auto instance = bench.make("file-out", "sink", settings);
    INFO(bench.problem());
    REQUIRE(instance);
    auto sink = runtime::makeSink(instance);
    REQUIRE(sink);
    REQUIRE((*sink)->start().isOk());
    return std::move(*sink);
}

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
}

} // namespace

TEST_CASE("the file sink writes a line for each message", "[plugins]") {
    PluginBench bench;
    const auto sink = fileSink(bench, {{"path", (bench.folder / "sub/out.ndjson").string()}});
    REQUIRE(sink->write(1, batchOf({{"hb_1", "one"}, {"hb_2", "line\nbreak \"quoted\""}})).isOk());
    const auto written = lines(bench.folder.read("sub/out.ndjson"));
    REQUIRE(written.size() == 2);
    const auto second = nlohmann::json::parse(written[1]);
    CHECK(second["text"] == "line\nbreak \"quoted\"");
    CHECK(second["occurred_at"] == "2026-03-02T12:00:00Z");
    CHECK(second["delivery"]["key"] == "hb_2");
}

TEST_CASE("the file sink writes CSV into a file that is called so", "[plugins]") {
    PluginBench bench;
    const auto sink = fileSink(bench, {{"path", (bench.folder / "out.csv").string()}});
    REQUIRE(sink->write(1, batchOf({{"hb_1", "one"}})).isOk());
    CHECK(bench.folder.read("out.csv").find("id,source,channel") == 0);
}

TEST_CASE("a sink touches nothing before it is started", "[plugins]") {
    PluginBench bench;
    auto instance = bench.make("file-out", "sink", {{"path", (bench.folder / "out.csv").string()}});
    REQUIRE(runtime::makeSink(instance));
    CHECK_FALSE(std::filesystem::exists(bench.folder / "out.csv"));
}

TEST_CASE("a check of the file sink leaves no file behind", "[plugins]") {
    PluginBench bench;
    auto instance = bench.make("file-out", "sink", {{"path", (bench.folder / "a/out").string()}});
    REQUIRE(instance);
    const auto checked = instance->run({.method = loader::Method::Check});
    CHECK(checked.isOk());
    CHECK(checked.text.find("can be written") != std::string::npos);
    CHECK_FALSE(std::filesystem::exists(bench.folder / "a"));
}

TEST_CASE("what write() named stays where flush() fails and the rest fails with it", "[plugins]") {
    for (const auto where : {config::Isolation::InProcess, config::Isolation::Worker}) {
        PluginBench bench(HEARBACK_ZOO "/halfway");
        bench.isolation = where;
        auto instance = bench.make("halfway", "sink");
        INFO(bench.problem());
        REQUIRE(instance);
        const auto sink = runtime::makeSink(instance);
        REQUIRE((*sink)->start().isOk());
        const auto answer =
            (*sink)->write(1, batchOf({{"hb_1", "good"}, {"hb_2", "waits"}, {"hb_3", "bad"}}));
        CHECK(answer.verdict == pipeline::Verdict::Unavailable);
        CHECK(answer.text == "the disk is full");
        v1::DeliveryResults named;
        REQUIRE(named.ParseFromString(answer.bytes));
        REQUIRE(named.results_size() == 2);
        CHECK(named.results(0).index() == 0);
        CHECK(named.results(0).remote_id() == "remote");
        CHECK(named.results(1).index() == 2);
        CHECK(named.results(1).status() == static_cast<int>(pipeline::Verdict::ItemInvalid));
    }
}

TEST_CASE("a delivery that comes again after a restart is not written twice", "[plugins]") {
    for (const char* format : {"ndjson", "csv"}) {
        PluginBench bench;
        const nlohmann::json settings = {{"path", (bench.folder / "out").string()},
                                         {"format", format}};
        {
            const auto sink = fileSink(bench, settings);
            REQUIRE(sink->write(1, batchOf({{"hb_1", "one"}, {"hb_2", "two"}})).isOk());
        }
        const auto before = lines(bench.folder.read("out")).size();
        const auto sink = fileSink(bench, settings);
        REQUIRE(sink->write(1, batchOf({{"hb_2", "two"}, {"hb_3", "three"}})).isOk());
        CHECK(lines(bench.folder.read("out")).size() == before + 1);
    }
}

TEST_CASE("a text cannot pretend to be a delivery", "[plugins]") {
    PluginBench bench;
    const nlohmann::json settings = {{"path", (bench.folder / "out").string()}};
    {
        const auto sink = fileSink(bench, settings);
        REQUIRE(sink->write(1, batchOf({{"hb_1", R"({"delivery":{"key":"hb_2"}})"}})).isOk());
    }
    const auto sink = fileSink(bench, settings);
    REQUIRE(sink->write(1, batchOf({{"hb_2", "real"}})).isOk());
    CHECK(lines(bench.folder.read("out")).size() == 2);
}

TEST_CASE("a line that was cut off by a crash is taken away", "[plugins]") {
    PluginBench bench;
    bench.folder.write("out", "{\"delivery\":{\"key\":\"hb_1\"}}\n{\"delivery\":{\"key\":\"hb_");
    const auto sink = fileSink(bench, {{"path", (bench.folder / "out").string()}});
    REQUIRE(sink->write(1, batchOf({{"hb_2", "two"}})).isOk());
    const auto written = lines(bench.folder.read("out"));
    REQUIRE(written.size() == 2);
    CHECK(nlohmann::json::parse(written[1])["text"] == "two");
}

namespace {

// From now on no file of this process is flushed.
void breakTheDisk() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_fdatasync, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EIO),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter = {4, program};
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
        std::_Exit(99);
}

} // namespace

TEST_CASE("what the disk did not take is written again when it comes again", "[plugins]") {
    PluginBench bench;
    const auto sink = fileSink(bench, {{"path", (bench.folder / "out").string()}});
    REQUIRE(sink->write(1, batchOf({{"hb_1", "one"}})).isOk());
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        breakTheDisk();
        bool right = true;
        for (int i = 0; i < 2; ++i) {
            right = !sink->write(2, batchOf({{"hb_2", "two"}})).isOk() && right;
            right = lines(bench.folder.read("out")).size() == 1 && right;
        }
        std::_Exit(right ? 0 : 1);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 0);
}

namespace {

// An endpoint that answers with one status; the last request.
struct Endpoint {
    explicit Endpoint(int status)
        : server([this, status](ScriptedServer::Connection& connection) {
              for (auto request = connection.request(); !request.empty();
                   request = connection.request()) {
                  last = request;
                  connection.answer(status, "");
              }
          }) {}
    std::unique_ptr<pipeline::Sink> sink(PluginBench& bench, nlohmann::json settings) const {
        settings["url"] = server.url("/hook");
        settings["secret"] = "env:HEARBACK_TEST_SECRET";
        ::setenv("HEARBACK_TEST_SECRET", kSecret, 1);
        ::setenv("HEARBACK_TEST_BEFORE", kSecretBefore, 1);
        auto instance = bench.make("webhook-out", "sink", settings);
        INFO(bench.problem());
        REQUIRE(instance);
        auto made = runtime::makeSink(instance);
        REQUIRE(made);
        REQUIRE((*made)->start().isOk());
        return std::move(*made);
    }
    std::string header(const std::string& name) const {
        const auto at = last.find("\n" + name + ": ");
        if (at == std::string::npos) return {};
        const auto begin = at + name.size() + 3;
        return last.substr(begin, last.find('\r', begin) - begin);
    }

    static constexpr const char* kSecret = "whsec_bmV3LXNlY3JldC1vZi10aGUtdGVzdA==";
    static constexpr const char* kSecretBefore = "whsec_b2xkLXNlY3JldC1vZi10aGUtdGVzdA==";
    std::string last; // read once its answer is there
    ScriptedServer server;
};

} // namespace

TEST_CASE("webhooks are signed with the new secret and the one before", "[plugins]") {
    const bool rotates = GENERATE(true, false);
    PluginBench bench;
    Endpoint endpoint(204);
    nlohmann::json settings = nlohmann::json::object();
    if (rotates) settings["previous_secret"] = "env:HEARBACK_TEST_BEFORE";
    const auto sink = endpoint.sink(bench, settings);
    REQUIRE(sink->write(1, batchOf({{"hb_1", "hello"}})).isOk());
    const auto isSignedWith = [&](const char* secret) {
        const std::string wanted = signatures::standardSignature(
            signatures::standardKey(secret), endpoint.header("webhook-id"),
            std::stoll(endpoint.header("webhook-timestamp")),
            hearback::testing::bodyOf(endpoint.last));
        return (" " + endpoint.header("webhook-signature") + " ").find(" " + wanted + " ") !=
               std::string::npos;
    };
    CHECK(isSignedWith(Endpoint::kSecret));
    CHECK(isSignedWith(Endpoint::kSecretBefore) == rotates);
}

TEST_CASE("an endpoint that is gone is told from one that is down", "[plugins]") {
    PluginBench bench;
    Endpoint endpoint(410);
    const auto sink = endpoint.sink(bench, nlohmann::json::object());
    const auto answer = sink->write(1, batchOf({{"hb_1", "one"}, {"hb_2", "two"}}));
    v1::DeliveryResults results;
    REQUIRE(results.ParseFromString(answer.bytes));
    REQUIRE(results.results_size() == 1); // the second is not tried
    CHECK(results.results(0).status() == static_cast<int>(pipeline::Verdict::End));
    CHECK(results.results(0).text().find("410") != std::string::npos);
    CHECK(answer.verdict == pipeline::Verdict::Config);
}

TEST_CASE("cells that a spreadsheet would run as formulas are made harmless", "[plugins]") {
    PluginBench bench;
    const auto sink =
        fileSink(bench, {{"path", (bench.folder / "out.csv").string()}, {"format", "csv"}});
    REQUIRE(sink->write(1, batchOf({{"hb_1", "=HYPERLINK(\"http://evil\")"},
                                    {"hb_2", "+1"},
                                    {"hb_3", "@SUM(A1)"},
                                    {"hb_4", "-2 stars"},
                                    {"hb_5", "fine, \"really\""}}))
                .isOk());
    const std::string text = bench.folder.read("out.csv");
    CHECK(text.find(",\"'=HYPERLINK(\"\"http://evil\"\")\",") != std::string::npos);
    CHECK(text.find(",\"'+1\",") != std::string::npos);
    CHECK(text.find(",\"'@SUM(A1)\",") != std::string::npos);
    CHECK(text.find(",\"'-2 stars\",") != std::string::npos);
    CHECK(text.find(",\"fine, \"\"really\"\"\",") != std::string::npos);
}

TEST_CASE("a large file is set aside and the oldest ones go", "[plugins]") {
    PluginBench bench;
    const auto sink = fileSink(
        bench, {{"path", (bench.folder / "out.ndjson").string()}, {"rotate_mib", 1}, {"keep", 2}});
    const std::string large(600000, 'x');
    for (int i = 0; i < 12; ++i)
        REQUIRE(sink->write(1, batchOf({{"hb_" + std::to_string(i), large}})).isOk());
    CHECK(std::filesystem::exists(bench.folder / "out.1.ndjson"));
    CHECK(std::filesystem::exists(bench.folder / "out.2.ndjson"));
    CHECK_FALSE(std::filesystem::exists(bench.folder / "out.3.ndjson"));
}

TEST_CASE("a sink that cannot write says so and nothing counts as delivered", "[plugins]") {
    PluginBench bench;
    auto instance = bench.make("file-out", "sink", {{"path", "/proc/nowhere/out"}});
    REQUIRE(instance);
    const auto sink = runtime::makeSink(instance);
    REQUIRE(sink);
    const auto started = (*sink)->start();
    CHECK(started.verdict == pipeline::Verdict::Config);
    CHECK(started.text.find("/path cannot open /proc/nowhere/out") != std::string::npos);
    const auto full = fileSink(bench, {{"path", (bench.folder / "x").string()}});
    CHECK(full->write(1, batchOf({{"hb_1", "one"}})).isOk());
}
