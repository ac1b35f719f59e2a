#include "base/utf8.h"
#include "intake/normalise.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace hearback;
using intake::normalise;

namespace {

constexpr base::Micros kNow = 1772452800 * base::kSecond; // 2026-03-02 12:00 UTC

v1::FeedbackMessage plain(const std::string& text = "text") {
    v1::FeedbackMessage message;
    message.set_external_id("7");
    message.set_text(text);
    message.set_occurred_at_us(kNow);
    return message;
}

v1::FeedbackMessage normal(const std::string& encoded) {
    auto result = normalise(encoded, {"shop", "Feed"}, kNow);
    if (const auto* why = std::get_if<std::string>(&result)) FAIL(*why);
    return std::get<v1::FeedbackMessage>(result);
}

v1::FeedbackMessage normal(const v1::FeedbackMessage& message) {
    return normal(message.SerializeAsString());
}

std::string refusalOf(const v1::FeedbackMessage& message) {
    const auto result = normalise(message.SerializeAsString(), {"shop", "feed"}, kNow);
    const auto* why = std::get_if<std::string>(&result);
    return why == nullptr ? "it is taken" : *why;
}

// A field of a small number and few bytes, as it stands on the wire.
std::string field(int number, const std::string& bytes) {
    REQUIRE(bytes.size() < 128);
    const int tag = number << 3 | 2;
    std::string out;
    if (tag >= 128) out += static_cast<char>((tag & 0x7F) | 0x80);
    out += static_cast<char>(tag >= 128 ? tag >> 7 : tag);
    return out + static_cast<char>(bytes.size()) + bytes;
}

// An encoded message whose text may be any bytes.
std::string encoded(const std::string& text) { return field(2, "7") + field(9, text); }

std::string attribute(const v1::FeedbackMessage& message, const std::string& key) {
    const auto found = message.attributes().find(key);
    return found == message.attributes().end() ? "there is none" : found->second;
}

} // namespace

TEST_CASE("the host says where a message came from and when", "[intake]") {
    v1::FeedbackMessage message = plain();
    message.set_source("somebody else");
    message.set_received_at_us(1);
    const auto taken = normal(message);
    CHECK(taken.source() == "shop");
    CHECK(taken.received_at_us() == kNow);
}

TEST_CASE("a message that needs no change is not changed", "[intake]") {
    v1::FeedbackMessage message = plain("Gr\xC3\xBC\xC3\x9F"
                                        "e \xF0\x9F\x98\x80\nzwei\tZeilen");
    message.set_channel("webshop");
    message.set_revision(3);
    message.set_subject("Title");
    message.mutable_author()->set_followers(0);
    message.mutable_rating()->set_value(2);
    message.mutable_rating()->set_scale_min(1);
    message.mutable_rating()->set_scale_max(5);
    (*message.mutable_attributes())["brand"] = "acme\nand sons";
    v1::FeedbackMessage wanted = message;
    wanted.set_source("shop");
    wanted.set_received_at_us(kNow);
    CHECK(normal(message).SerializeAsString() == wanted.SerializeAsString());
}

TEST_CASE("a message without an id that can be used is refused", "[intake]") {
    v1::FeedbackMessage message = plain();
    message.set_external_id("");
    CHECK(refusalOf(message) == "it has no external id");
    message.set_external_id(std::string(513, 'x'));
    CHECK(refusalOf(message) == "its external id has more than 512 bytes");
    message.set_external_id(std::string(512, 'x'));
    CHECK(refusalOf(message) == "it is taken");
    for (const char* id : {"a\nb", "a\x7f", "\t"}) {
        message.set_external_id(id);
        CHECK(refusalOf(message) == "its external id has control characters");
    }
}

TEST_CASE("a message whose bytes cannot be read is refused", "[intake]") {
    for (const std::string& bytes : {std::string("\xFF\xFF\xFF"), std::string("\x4A\x7F short"),
                                     field(8, "\x0A\x7F"), std::string("not a message at all")}) {
        const auto result = normalise(bytes, {"shop", "feed"}, kNow);
        REQUIRE(std::holds_alternative<std::string>(result));
        CHECK(std::get<std::string>(result) == "it is no message that can be read");
    }
}

TEST_CASE("broken UTF-8 in the text is repaired and the original kept", "[intake]") {
    const auto message = normal(encoded("caf\xE9 au lait"));
    CHECK(message.text() == "caf\xEF\xBF\xBD au lait");
    CHECK(message.original_text() == "caf\xE9 au lait");
    CHECK(message.attributes().empty());
}

TEST_CASE("broken UTF-8 in another field is repaired and the original kept as base64", "[intake]") {
    const auto message =
        normal(encoded("fine") + field(11, "Caf\xE9") + field(8, field(3, "Andr\xE9")) +
               field(17, field(1, "brand") + field(2, "Nestl\xE9")));
    CHECK(message.subject() == "Caf\xEF\xBF\xBD");
    CHECK(message.author().display_name() == "Andr\xEF\xBF\xBD");
    CHECK(attribute(message, "brand") == "Nestl\xEF\xBF\xBD");
    CHECK(attribute(message, "hearback.original.subject") == "Q2Fm6Q==");
    CHECK(attribute(message, "hearback.original.author.display_name") == "QW5kcuk=");
    CHECK(attribute(message, "hearback.original.attributes.value") == "TmVzdGzp");
    CHECK(message.original_text().empty());
}

TEST_CASE("HTML becomes what a person reads of it and the original is kept", "[intake]") {
    v1::FeedbackMessage message = plain("<p>Caf&eacute; &amp; <b>bar</b></p><p>two</p>");
    message.set_text_format(v1::TEXT_FORMAT_HTML);
    const auto taken = normal(message);
    CHECK(taken.text() == "Caf\xC3\xA9 & bar\ntwo");
    CHECK(taken.original_text() == "<p>Caf&eacute; &amp; <b>bar</b></p><p>two</p>");
    CHECK(taken.text_format() == v1::TEXT_FORMAT_PLAIN);
    // Plain text may look like HTML.
    CHECK(normal(plain("a <b> & c")).text() == "a <b> & c");
}

TEST_CASE("equal texts become equal bytes", "[intake]") {
    CHECK(normal(plain("Cafe\xCC\x81")).text() == "Caf\xC3\xA9");
    v1::FeedbackMessage message = plain();
    message.set_subject("A\xCC\x8A");
    (*message.mutable_attributes())["cafe\xCC\x81"] = "e\xCC\x81";
    const auto taken = normal(message);
    CHECK(taken.subject() == "\xC3\x85");
    CHECK(attribute(taken, "caf\xC3\xA9") == "\xC3\xA9");
}

TEST_CASE("line ends become one and control characters go", "[intake]") {
    CHECK(normal(plain(" \r\n one\r\ntwo\rthree\n\nfour\t\x1b[31mred\x07\x7f \n")).text() ==
          "one\ntwo\nthree\n\nfour\t[31mred");
    CHECK(normal(plain(std::string("nul\0byte", 8))).text() == "nulbyte");
    CHECK(normal(plain(" \n\t ")).text().empty());
    v1::FeedbackMessage message = plain();
    message.set_subject(" two\nlines\r\n");
    CHECK(normal(message).subject() == "two lines");
}

TEST_CASE("a text that is too long is cut between characters and the original kept", "[intake]") {
    const std::string smile = "\xF0\x9F\x98\x80";
    std::string text = "x";
    while (text.size() < 100000) text += smile;
    const auto taken = normal(plain(text));
    CHECK(taken.text().size() == intake::kTextMax - 3);
    CHECK(base::isUtf8(taken.text()));
    CHECK(taken.original_text() == text);

    const auto larger = normal(plain(std::string(300000, 'x')));
    CHECK(larger.text().size() == intake::kTextMax);
    CHECK(larger.original_text().size() == intake::kOriginalMax);

    CHECK(normal(plain(std::string(intake::kTextMax, 'x'))).original_text().empty());
}

TEST_CASE("a text that only grows too long by composition keeps its original", "[intake]") {
    // U+0958 has a composed form of two characters, three bytes each.
    std::string text;
    while (text.size() < intake::kTextMax - 3) text += "\xE0\xA5\x98";
    const auto taken = normal(plain(text));
    CHECK(taken.text().size() <= intake::kTextMax);
    CHECK(taken.original_text() == text);
}

TEST_CASE("what a channel gives as the original is kept and bounded", "[intake]") {
    v1::FeedbackMessage message = plain("plain");
    message.set_original_text("{\\rtf1 plain}");
    CHECK(normal(message).original_text() == "{\\rtf1 plain}");
    message.set_original_text(std::string(1 << 20, 'x'));
    CHECK(normal(message).original_text().size() == intake::kOriginalMax);
}

TEST_CASE("every field has a limit", "[intake]") {
    const std::string longest(100000, 'x');
    v1::FeedbackMessage message = plain();
    message.set_channel(longest);
    message.set_language(longest);
    message.set_subject(longest);
    message.set_conversation_key(longest);
    message.set_parent_external_id(longest);
    message.set_permalink(longest);
    message.mutable_author()->set_external_id(longest);
    message.mutable_author()->set_handle(longest);
    message.mutable_author()->set_display_name(longest);
    message.mutable_author()->set_url(longest);
    for (int i = 0; i < 100; ++i) {
        v1::Attachment& attachment = *message.add_attachments();
        attachment.set_name(longest);
        attachment.set_media_type(longest);
        attachment.set_url(longest);
    }
    (*message.mutable_attributes())[longest] = longest;
    const auto taken = normal(message);
    CHECK(taken.channel().size() == 64);
    CHECK(taken.language().size() == 35);
    CHECK(taken.subject().size() == intake::kSubjectMax);
    CHECK(taken.conversation_key().size() == intake::kIdMax);
    CHECK(taken.parent_external_id().size() == intake::kIdMax);
    CHECK(taken.permalink().size() == intake::kUrlMax);
    CHECK(taken.author().external_id().size() == intake::kNameMax);
    CHECK(taken.author().handle().size() == intake::kNameMax);
    CHECK(taken.author().display_name().size() == intake::kNameMax);
    CHECK(taken.author().url().size() == intake::kUrlMax);
    CHECK(taken.attachments_size() == intake::kAttachmentsMax);
    CHECK(taken.attachments(0).name().size() == intake::kNameMax);
    CHECK(taken.attachments(0).media_type().size() == 128);
    CHECK(taken.attachments(63).url().size() == intake::kUrlMax);
    CHECK(attribute(taken, std::string(intake::kAttributeKeyMax, 'x')).size() ==
          intake::kAttributeValueMax);
}

TEST_CASE("of too many attributes the same ones stay each time", "[intake]") {
    const auto keyOf = [](int i) { return "key-" + std::to_string(1000 + i); };
    v1::FeedbackMessage forwards = plain();
    v1::FeedbackMessage backwards = plain();
    for (int i = 0; i < 200; ++i) {
        (*forwards.mutable_attributes())[keyOf(i)] = "x";
        (*backwards.mutable_attributes())[keyOf(199 - i)] = "x";
    }
    for (const auto& taken : {normal(forwards), normal(backwards)}) {
        CHECK(taken.attributes().size() == 64);
        for (int i = 0; i < 64; ++i) CHECK(attribute(taken, keyOf(i)) == "x");
    }
}

TEST_CASE("what the host notes stays even beside too many attributes", "[intake]") {
    v1::FeedbackMessage message = plain();
    for (int i = 0; i < 64; ++i) (*message.mutable_attributes())["a" + std::to_string(i)] = "x";
    message.set_occurred_at_us(kNow + 2 * base::kDay);
    const auto taken = normal(message);
    CHECK(taken.attributes().size() == 64);
    CHECK(attribute(taken, "hearback.occurred_at") == "2026-03-04T12:00:00Z");
}

TEST_CASE("no space stays at the end where a field was cut", "[intake]") {
    v1::FeedbackMessage message = plain(std::string(intake::kTextMax - 1, 'a') + "\nb");
    message.set_subject(std::string(intake::kSubjectMax - 2, 'a') + "  b");
    (*message.mutable_attributes())["key"] =
        std::string(intake::kAttributeValueMax - 1, 'a') + "\tb";
    const auto taken = normal(message);
    CHECK(taken.text() == std::string(intake::kTextMax - 1, 'a'));
    CHECK(taken.subject() == std::string(intake::kSubjectMax - 2, 'a'));
    CHECK(attribute(taken, "key") == std::string(intake::kAttributeValueMax - 1, 'a'));
    CHECK(normal(taken).SerializeAsString() == taken.SerializeAsString());
}

TEST_CASE("an attribute without a name is dropped", "[intake]") {
    v1::FeedbackMessage message = plain();
    (*message.mutable_attributes())[""] = "x";
    (*message.mutable_attributes())[" \n"] = "x";
    (*message.mutable_attributes())["kept"] = "";
    const auto taken = normal(message);
    CHECK(taken.attributes().size() == 1);
    CHECK(attribute(taken, "kept") == "");
}

TEST_CASE("a message without a channel has the plugin's and channels are in small letters",
          "[intake]") {
    v1::FeedbackMessage message = plain();
    CHECK(normal(message).channel() == "feed");
    message.set_channel(" \n");
    CHECK(normal(message).channel() == "feed");
    message.set_channel(" App Store ");
    CHECK(normal(message).channel() == "app store");
    message.set_channel("W\xCC\x8A");
    CHECK(normal(message).channel() == "\xE1\xBA\x98");
    message.set_channel("\xE2\x84\xAA"); // the sign for Kelvin, which composes to a K
    CHECK(normal(message).channel() == "k");
}

TEST_CASE("a message without a time was written when it came", "[intake]") {
    v1::FeedbackMessage message = plain();
    message.set_occurred_at_us(0);
    CHECK(normal(message).occurred_at_us() == kNow);
    message.set_occurred_at_us(-1);
    CHECK(normal(message).occurred_at_us() == -1);
}

TEST_CASE("a time in the future becomes the time of arrival and is noted", "[intake]") {
    v1::FeedbackMessage message = plain();
    message.set_occurred_at_us(kNow + base::kDay);
    CHECK(normal(message).occurred_at_us() == kNow + base::kDay);
    message.set_occurred_at_us(kNow + base::kDay + base::kSecond);
    const auto taken = normal(message);
    CHECK(taken.occurred_at_us() == kNow);
    CHECK(attribute(taken, "hearback.occurred_at") == "2026-03-03T12:00:01Z");
}

TEST_CASE("a time that no calendar has is refused", "[intake]") {
    const std::string refusal = "one of its times is outside of years 1 to 9999";
    v1::FeedbackMessage message = plain();
    for (const std::int64_t at :
         {std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
          -62135596801 * base::kSecond, 253402300800 * base::kSecond}) {
        message = plain();
        message.set_occurred_at_us(at);
        CHECK(refusalOf(message) == refusal);
        message = plain();
        message.set_edited_at_us(at);
        CHECK(refusalOf(message) == refusal);
        message = plain();
        message.set_deleted_at_us(at);
        CHECK(refusalOf(message) == refusal);
    }
    message = plain();
    message.set_occurred_at_us(-62135596800 * base::kSecond);
    CHECK(refusalOf(message) == "it is taken");
}

TEST_CASE("a rating that is no number on a scale is dropped", "[intake]") {
    const auto rated = [](double value, double low, double high) {
        v1::FeedbackMessage message = plain();
        message.mutable_rating()->set_value(value);
        message.mutable_rating()->set_scale_min(low);
        message.mutable_rating()->set_scale_max(high);
        return normal(message).has_rating();
    };
    CHECK(rated(3, 1, 5));
    CHECK(rated(0, 0, 10));
    CHECK_FALSE(rated(std::nan(""), 1, 5));
    CHECK_FALSE(rated(std::numeric_limits<double>::infinity(), 1, 5));
    CHECK_FALSE(rated(3, std::nan(""), 5));
    CHECK_FALSE(rated(3, 1, std::numeric_limits<double>::infinity()));
    CHECK_FALSE(rated(3, 0, 0));
    CHECK_FALSE(rated(3, 5, 1));
}

TEST_CASE("a negative number of followers means that it is not known", "[intake]") {
    v1::FeedbackMessage message = plain();
    message.mutable_author()->set_handle("@ada");
    message.mutable_author()->set_followers(-1);
    CHECK_FALSE(normal(message).author().has_followers());
    message.mutable_author()->set_followers(0);
    CHECK(normal(message).author().has_followers());
}

TEST_CASE("fields that are not known yet stay with the message", "[intake]") {
    const std::string unknown = "\xFA\x3F\x05later"; // field 1023
    const auto message = normal(plain().SerializeAsString() + unknown);
    CHECK(message.SerializeAsString().find("later") != std::string::npos);
    const auto repaired = normal(encoded("caf\xE9") + unknown);
    CHECK(repaired.SerializeAsString().find("later") != std::string::npos);
}
