#include "contract/plugin_bench.h"

#include "hearback/v1/feedback.pb.h"

using namespace hearback;
using hearback::testing::PluginBench;

namespace {

std::vector<std::string> textsOf(pipeline::Source& source) {
    REQUIRE(source.start(std::nullopt).isOk());
    std::vector<std::string> texts;
    for (bool ended = false; !ended;) {
        const auto answer = source.poll({});
        ended = answer.verdict != pipeline::Verdict::Ok;
        v1::FeedbackBatch batch;
        REQUIRE(batch.ParseFromString(answer.bytes));
        for (const auto& message : batch.messages()) texts.push_back(message.text());
    }
    source.stop();
    return texts;
}

} // namespace

TEST_CASE("a file that is replaced by one with other line ends is read as what it is",
          "[plugins]") {
    PluginBench bench;
    const auto source = bench.source("file", {{"path", (bench.folder / "in.csv").string()}});
    bench.folder.write("in.csv", "id,text\r1,one\r2,two\r");
    CHECK(textsOf(*source) == std::vector<std::string>{"one", "two"});
    bench.folder.write("in.csv", "id,text\n1,one\r and more\n2,two\n");
    CHECK(textsOf(*source) == std::vector<std::string>{"one\r and more", "two"});
}

TEST_CASE("rows that were kept are read again whatever the letters of the file", "[plugins]") {
    PluginBench bench;
    const auto source = bench.source("file", {{"path", (bench.folder / "in.csv").string()}});
    bench.folder.write("in.csv", "id,text\n1,\xE4\n");
    CHECK(textsOf(*source) == std::vector<std::string>{"\xC3\xA4"});
    // The payload of a dead letter is in UTF-8 already; its header may have lines of its own.
    const auto answer = source->decode("id,\"te\nxt\",text\n1,b,\xC3\xA4\n");
    REQUIRE(answer.isOk());
    v1::FeedbackBatch batch;
    REQUIRE(batch.ParseFromString(answer.bytes));
    REQUIRE(batch.messages_size() == 1);
    CHECK(batch.messages(0).text() == "\xC3\xA4");
}

// Found by hearback-check: a row was added to what was half full already, however long it was.
TEST_CASE("a batch of a file keeps to the bytes that it is given", "[plugins]") {
    PluginBench bench;
    std::string csv = "id,text\n";
    std::string ndjson;
    for (int n = 0; n < 30; ++n) {
        const std::string text(n % 5 == 4 ? 3000 : 100, 'x');
        csv += std::to_string(n) + "," + text + "\n";
        ndjson += R"({"id": )" + std::to_string(n) + R"(, "text": ")" + text + "\"}\n";
    }
    bench.folder.write("in.csv", csv);
    bench.folder.write("in.ndjson", ndjson);
    for (const char* name : {"in.csv", "in.ndjson"}) {
        INFO(name);
        const auto source = bench.source("file", {{"path", (bench.folder / name).string()}});
        REQUIRE(source->start(std::nullopt).isOk());
        pipeline::PollLimits limits;
        limits.max_bytes = 4096;
        std::vector<std::string> ids;
        for (bool ended = false; !ended;) {
            const auto answer = source->poll(limits);
            ended = answer.verdict != pipeline::Verdict::Ok;
            v1::FeedbackBatch batch;
            REQUIRE(batch.ParseFromString(answer.bytes));
            CHECK(answer.bytes.size() <= limits.max_bytes);
            for (const auto& message : batch.messages()) ids.push_back(message.external_id());
        }
        REQUIRE(ids.size() == 30);
        for (int n = 0; n < 30; ++n) CHECK(ids[static_cast<std::size_t>(n)] == std::to_string(n));
    }
}

// Found by hearback-check: the boundary says that AGAIN comes with nothing.
TEST_CASE("a file that is followed hands over its rows and then has nothing", "[plugins]") {
    PluginBench bench;
    const auto source =
        bench.source("file", {{"path", (bench.folder / "in.csv").string()}, {"follow", true}});
    bench.folder.write("in.csv", "id,text\n1,one\n");
    REQUIRE(source->start(std::nullopt).isOk());
    const auto rows = source->poll({});
    CHECK(rows.verdict == pipeline::Verdict::Ok);
    CHECK_FALSE(rows.bytes.empty());
    const auto nothing = source->poll({});
    CHECK(nothing.verdict == pipeline::Verdict::Again);
    CHECK(nothing.bytes.empty());
}

TEST_CASE("replayed lines without an id stay two messages", "[plugins]") {
    PluginBench bench;
    const auto source = bench.source("file", {{"path", (bench.folder / "in.ndjson").string()}});
    std::vector<std::string> ids;
    for (const char* line : {R"({"text": "one"})", R"({"text": "two"})", R"({"text": "one"})"}) {
        const auto answer = source->decode(line);
        REQUIRE(answer.isOk());
        v1::FeedbackBatch batch;
        REQUIRE(batch.ParseFromString(answer.bytes));
        ids.push_back(batch.messages(0).external_id());
    }
    CHECK(ids[0] != ids[1]);
    CHECK(ids[0] == ids[2]);
}

// A checkpoint that nobody knows would fail again at every start.
TEST_CASE("a feed begins again with a checkpoint of another channel", "[plugins]") {
    PluginBench bench;
    const auto source = bench.source("feed", {{"url", "https://forum.example/feed"}});
    for (const char* checkpoint :
         {R"({"v":"one"})", R"({"v":1,"url":[],"etag":7})",
          R"({"v":1,"url":"https://forum.example/feed","etag":7,"modified":{}})", "null", ""}) {
        CHECK(source->start(checkpoint).isOk());
        source->stop();
    }
}
