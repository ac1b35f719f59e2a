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
