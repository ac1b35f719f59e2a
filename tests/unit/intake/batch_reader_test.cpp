#include "base/random.h"
#include "base/utf8.h"
#include "intake/batch_reader.h"

#include <hearback/sdk/message_out.hpp>

#include <catch2/catch.hpp>

using namespace hearback;
using intake::readBatch;
using pipeline::DeadLetter;

namespace {

constexpr base::Micros kArrival = 1772452800 * base::kSecond;

intake::ReadBatch readOf(const std::string& bytes) {
    auto read = readBatch(bytes, {"shop", "feed"}, kArrival);
    REQUIRE(read);
    return std::move(*read);
}

std::string idsOf(const pipeline::Batch& batch) {
    std::string ids;
    for (const auto& item : batch.items) ids += item.message.external_id() + " ";
    return ids;
}

} // namespace

TEST_CASE("a batch is read with all that it carries", "[intake]") {
    BatchOut out;
    out.add().externalId("a").text("one");
    out.add().externalId("b").text("two");
    out.checkpoint("row 2");
    out.hasMore(true);
    out.progress(20, 100);
    out.pollAgainIn(5000);
    const auto read = readOf(out.bytes());
    CHECK(idsOf(read.batch) == "a b ");
    CHECK(read.batch.source == "shop");
    CHECK(read.batch.plugin == "feed");
    CHECK(read.batch.items[0].message.source() == "shop");
    CHECK(read.batch.items[0].errand == pipeline::Errand::Arrival);
    CHECK(read.batch.checkpoint == "row 2");
    CHECK(read.batch.bytes == out.bytes().size());
    CHECK(read.has_more);
    CHECK(read.next_poll == 5 * base::kSecond);
    CHECK(read.progress_done == 20);
    CHECK(read.progress_total == 100);
    CHECK(read.batch.dead_letters.empty());
}

TEST_CASE("a batch that ends within a flag is not read beyond its end", "[intake]") {
    // On the heap and of its exact size, so that a sanitizer sees a read behind it.
    const std::vector<char> bytes = {0x18};
    CHECK_FALSE(readBatch({bytes.data(), bytes.size()}, {"shop", "feed"}, kArrival));
}

TEST_CASE("an empty checkpoint is not the same as none", "[intake]") {
    BatchOut out;
    out.checkpoint("");
    CHECK(readOf(out.bytes()).batch.checkpoint == "");
    CHECK_FALSE(readOf(BatchOut().bytes()).batch.checkpoint);
}

TEST_CASE("a message that cannot be read does not spoil the others", "[intake]") {
    BatchOut out;
    out.add().externalId("a").text("one");
    out.add().text("without an id");
    out.add().externalId("b").text("two");
    const std::string garbage = std::string("\x0A\x04\x4A\x7F", 4) + "no";
    const auto read = readOf(out.bytes() + garbage);
    CHECK(idsOf(read.batch) == "a b ");
    REQUIRE(read.batch.dead_letters.size() == 2);
    const DeadLetter& nameless = read.batch.dead_letters[0];
    CHECK(nameless.stage == DeadLetter::Stage::Normalise);
    CHECK(nameless.kind == DeadLetter::Payload::Message);
    CHECK(nameless.source == "shop");
    CHECK(nameless.cause == "it has no external id");
    CHECK(nameless.payload.find("without an id") != std::string::npos);
    CHECK(read.batch.dead_letters[1].cause == "it is no message that can be read");
    CHECK(read.batch.dead_letters[1].payload == "\x4A\x7Fno");
}

TEST_CASE("what a channel rejects becomes a dead letter with its cause and place", "[intake]") {
    BatchOut out;
    out.add().externalId("a").text("one");
    out.reject("it is no time: \"yesterday\"", "raw;row", "line 7");
    out.reject("caf\xE9", "\xFF\xFE", "\xE9");
    out.reject(std::string(5000, 'x'), std::string(2 << 20, 'y'), std::string(5000, 'z'));
    const auto read = readOf(out.bytes());
    CHECK(idsOf(read.batch) == "a ");
    REQUIRE(read.batch.dead_letters.size() == 3);
    const DeadLetter& letter = read.batch.dead_letters[0];
    CHECK(letter.stage == DeadLetter::Stage::Read);
    CHECK(letter.kind == DeadLetter::Payload::Raw);
    CHECK(letter.source == "shop");
    CHECK(letter.cause == "it is no time: \"yesterday\"");
    CHECK(letter.payload == "raw;row");
    CHECK(letter.position == "line 7");
    CHECK(base::isUtf8(read.batch.dead_letters[1].cause));
    CHECK(base::isUtf8(read.batch.dead_letters[1].position));
    CHECK(read.batch.dead_letters[1].payload == "\xFF\xFE");
    CHECK(read.batch.dead_letters[2].cause.size() == 1024);
    CHECK(read.batch.dead_letters[2].payload.size() == 1 << 20);
    CHECK(read.batch.dead_letters[2].position.size() == 256);
}

TEST_CASE("a checkpoint may have 64 KiB and not more", "[intake]") {
    BatchOut largest;
    largest.checkpoint(std::string(64 << 10, 'x'));
    CHECK(readOf(largest.bytes()).batch.checkpoint->size() == 64 << 10);
    BatchOut larger;
    larger.add().externalId("a").text("one");
    larger.checkpoint(std::string((64 << 10) + 1, 'x'));
    const auto refused = readBatch(larger.bytes(), {"shop", "feed"}, kArrival);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == base::Code::Invalid);
    CHECK(refused.error().message == "its checkpoint has more than 65536 bytes");
}

TEST_CASE("a wish to be polled later is kept within a day", "[intake]") {
    const auto wish = [](std::int64_t ms) {
        BatchOut out;
        out.pollAgainIn(ms);
        return readOf(out.bytes()).next_poll;
    };
    CHECK(wish(1) == base::kMillisecond);
    CHECK(wish(-5) == 0);
    CHECK(wish(std::int64_t{1} << 62) == base::kDay);
}

TEST_CASE("bytes that are no batch are refused", "[intake]") {
    for (const char* bytes : {"garbage", "\x0A\x7F short", "\xFF", "\x22\x02\x0A\x7F"}) {
        const auto refused = readBatch(bytes, {"shop", "feed"}, kArrival);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message == "what it wrote is no FeedbackBatch");
    }
}

TEST_CASE("a field of a wrong wire type is one that is not known", "[intake]") {
    BatchOut out;
    out.add().externalId("a").text("one");
    // Each field of the batch, and of a reject and a progress in it, as a varint or as bytes.
    std::string bytes = out.bytes();
    bytes += "\x08\x01\x10\x01\x20\x01\x28\x01"; // messages, checkpoint, rejects, progress
    bytes += "\x1A\x01x\x32\x01x";               // has_more, next_poll_ms
    bytes += "\x22\x06\x08\x01\x10\x01\x18\x01";
    bytes += "\x2A\x06\x0A\x01x\x12\x01x";
    const auto read = readOf(bytes);
    CHECK(idsOf(read.batch) == "a ");
    CHECK_FALSE(read.batch.checkpoint);
    CHECK_FALSE(read.has_more);
    CHECK(read.next_poll == 0);
    REQUIRE(read.batch.dead_letters.size() == 1);
    CHECK(read.batch.dead_letters[0].cause.empty());
    CHECK(read.progress_total == 0);
}

TEST_CASE("whatever the bytes a batch is read or refused", "[intake]") {
    BatchOut out;
    out.add().externalId("a").text("one").rating(1, 1, 5).attribute("k", "v");
    out.reject("cause", "payload", "position");
    out.checkpoint("row 2");
    out.progress(1, 2);
    base::SeededRandom random(23);
    for (int round = 0; round < 20000; ++round) {
        std::string bytes = out.bytes();
        for (std::uint64_t i = 1 + random.next() % 4; i > 0; --i)
            bytes[random.next() % bytes.size()] = static_cast<char>(random.next());
        bytes.resize(random.next() % (bytes.size() + 1));
        const auto read = readBatch(bytes, {"shop", "feed"}, kArrival);
        if (!read) continue;
        for (const auto& item : read->batch.items) REQUIRE(base::isUtf8(item.message.text()));
    }
}
