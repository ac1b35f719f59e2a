#include "intake/wire_repair.h"

#include "hearback/v1/feedback.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;
using intake::repairStrings;

namespace {

const google::protobuf::Descriptor& messageType() { return *v1::FeedbackMessage::descriptor(); }

std::string lengthField(int number, const std::string& bytes) {
    REQUIRE(number < 16);
    REQUIRE(bytes.size() < 128);
    return std::string(1, static_cast<char>(number << 3 | 2)) + static_cast<char>(bytes.size()) +
           bytes;
}

} // namespace

TEST_CASE("a message without broken text stays as it is byte for byte", "[intake]") {
    v1::FeedbackMessage message;
    message.set_external_id("7");
    message.set_revision(-1);
    message.set_kind(v1::KIND_REVIEW);
    message.mutable_rating()->set_value(2.5);
    message.mutable_author()->set_display_name("Ad\xC3\xA4");
    message.set_original_text("caf\xE9"); // bytes, which may be anything
    const std::string bytes = message.SerializeAsString();
    const auto repaired = repairStrings(messageType(), bytes);
    REQUIRE(repaired);
    CHECK(repaired->bytes == bytes);
    CHECK(repaired->originals.empty());
    CHECK(repairStrings(messageType(), "")->bytes.empty());
}

TEST_CASE("what was broken is told by its path with the bytes that came", "[intake]") {
    const std::string bytes = lengthField(2, "7") + lengthField(9, "caf\xE9") +
                              lengthField(8, lengthField(3, "Andr\xE9"));
    const auto repaired = repairStrings(messageType(), bytes);
    REQUIRE(repaired);
    v1::FeedbackMessage message;
    REQUIRE(message.ParseFromString(repaired->bytes));
    CHECK(message.external_id() == "7");
    CHECK(message.text() == "caf\xEF\xBF\xBD");
    CHECK(message.author().display_name() == "Andr\xEF\xBF\xBD");
    REQUIRE(repaired->originals.size() == 2);
    CHECK(repaired->originals[0] == std::pair<std::string, std::string>("text", "caf\xE9"));
    CHECK(repaired->originals[1] ==
          std::pair<std::string, std::string>("author.display_name", "Andr\xE9"));
}

TEST_CASE("fields that are not known survive a repair", "[intake]") {
    std::string bytes = lengthField(9, "caf\xE9");
    bytes += "\xFA\x3F\x03\xFF\xFE\xFD"; // field 1023, bytes
    bytes += "\xF8\x3F\x96\x01";         // field 1023, varint
    bytes += std::string("\xF9\x3F", 2) + "12345678";
    bytes += std::string("\xFD\x3F", 2) + "1234";
    bytes += "\x48\x05"; // the text's number with another type
    const auto repaired = repairStrings(messageType(), bytes);
    REQUIRE(repaired);
    CHECK(repaired->bytes == lengthField(9, "caf\xEF\xBF\xBD") + bytes.substr(6));
}

TEST_CASE("bytes that are no message are refused", "[intake]") {
    for (const std::string& bytes :
         {std::string("\x4A\x7F short"), std::string("\x4A"), std::string("\x00\x01", 2),
          std::string("\x4B"), std::string("\x4F\x01"), std::string("\x08"),
          std::string("\x4A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01"),
          std::string("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"), lengthField(8, "\x1A\x7F"),
          std::string("\x69 12")}) {
        CHECK_FALSE(repairStrings(messageType(), bytes));
    }
}

TEST_CASE("a message cut off anywhere is repaired or refused", "[intake]") {
    const std::string whole = lengthField(2, "7") + lengthField(9, "caf\xE9") +
                              lengthField(8, lengthField(3, "Andr\xE9")) + "\x18\x96\x01";
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto repaired = repairStrings(messageType(), whole.substr(0, size));
        v1::FeedbackMessage message;
        if (repaired) CHECK(message.ParseFromString(repaired->bytes));
    }
}
