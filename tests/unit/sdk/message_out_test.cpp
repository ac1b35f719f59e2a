#include <hearback/sdk/message_out.hpp>
#include <hearback/sdk/message_view.hpp>

#include "hearback/v1/annotation.pb.h"
#include "hearback/v1/feedback.pb.h"

#include <catch2/catch.hpp>

using namespace hearback;

namespace {

v1::FeedbackBatch batchOf(const BatchOut& out) {
    v1::FeedbackBatch batch;
    REQUIRE(batch.ParseFromString(out.bytes()));
    return batch;
}

void addFullMessage(BatchOut& out) {
    out.add()
        .externalId("7")
        .revision(-3)
        .kind(Kind::Review)
        .channel("app_store")
        .conversation("thread 1")
        .parent("6")
        .author({"a1", "@ada", "Ada", 12, "https://example.org/ada"})
        .text("<p>text</p>", TextFormat::Html)
        .subject("Title")
        .language("en")
        .rating(2.5, 1, 5)
        .reach(100, 20, 3, 0)
        .permalink("https://example.org/7")
        .attachment("photo", "image/png", "https://example.org/7.png", 1234)
        .attribute("brand", "acme")
        .attribute("", "")
        .occurredAt(1)
        .editedAt(2)
        .deletedAt(-3);
}

} // namespace

TEST_CASE("what a channel writes the host reads field by field", "[sdk]") {
    BatchOut out;
    addFullMessage(out);
    const auto batch = batchOf(out);
    REQUIRE(batch.messages_size() == 1);
    const v1::FeedbackMessage& message = batch.messages(0);
    CHECK(message.GetReflection()->GetUnknownFields(message).empty());
    CHECK(message.external_id() == "7");
    CHECK(message.revision() == -3);
    CHECK(message.kind() == v1::KIND_REVIEW);
    CHECK(message.channel() == "app_store");
    CHECK(message.conversation_key() == "thread 1");
    CHECK(message.parent_external_id() == "6");
    CHECK(message.author().external_id() == "a1");
    CHECK(message.author().handle() == "@ada");
    CHECK(message.author().display_name() == "Ada");
    CHECK(message.author().followers() == 12);
    CHECK(message.author().url() == "https://example.org/ada");
    CHECK(message.text() == "<p>text</p>");
    CHECK(message.text_format() == v1::TEXT_FORMAT_HTML);
    CHECK(message.subject() == "Title");
    CHECK(message.language() == "en");
    CHECK(message.rating().value() == 2.5);
    CHECK(message.rating().scale_min() == 1);
    CHECK(message.rating().scale_max() == 5);
    CHECK(message.reach().views() == 100);
    CHECK(message.reach().likes() == 20);
    CHECK(message.reach().shares() == 3);
    CHECK(message.reach().has_replies());
    CHECK(message.permalink() == "https://example.org/7");
    REQUIRE(message.attachments_size() == 1);
    CHECK(message.attachments(0).name() == "photo");
    CHECK(message.attachments(0).media_type() == "image/png");
    CHECK(message.attachments(0).url() == "https://example.org/7.png");
    CHECK(message.attachments(0).size() == 1234);
    CHECK(message.attributes().size() == 2);
    CHECK(message.attributes().at("brand") == "acme");
    CHECK(message.occurred_at_us() == 1);
    CHECK(message.edited_at_us() == 2);
    CHECK(message.deleted_at_us() == -3);
}

TEST_CASE("what is not known is not written", "[sdk]") {
    BatchOut out;
    out.add().externalId("7").author({}).reach(-1, -1, -1, -1).text("").occurredAt(0);
    const auto batch = batchOf(out);
    v1::FeedbackMessage id_only;
    id_only.set_external_id("7");
    CHECK(batch.messages(0).SerializeAsString() == id_only.SerializeAsString());
}

TEST_CASE("what the host writes a plugin reads field by field", "[sdk]") {
    v1::ClassifyRequest request;
    BatchOut out;
    addFullMessage(out);
    v1::FeedbackMessage& message = *request.add_messages();
    message = batchOf(out).messages(0);
    message.set_source("shop");
    message.set_received_at_us(4);
    (*message.mutable_attributes()).erase("");
    request.add_messages()->set_text("second");
    const std::string bytes = request.SerializeAsString();
    std::vector<MessageView> seen;
    eachMessage(bytes, [&](const MessageView& each) { seen.push_back(each); });
    REQUIRE(seen.size() == 2);
    const MessageView& view = seen[0];
    CHECK(view.source == "shop");
    CHECK(view.external_id == "7");
    CHECK(view.revision == -3);
    CHECK(view.kind == Kind::Review);
    CHECK(view.channel == "app_store");
    CHECK(view.conversation_key == "thread 1");
    CHECK(view.parent_external_id == "6");
    CHECK(view.author.external_id == "a1");
    CHECK(view.author.handle == "@ada");
    CHECK(view.author.display_name == "Ada");
    CHECK(view.author.followers == 12);
    CHECK(view.author.url == "https://example.org/ada");
    CHECK(view.text == "<p>text</p>");
    CHECK(view.subject == "Title");
    CHECK(view.language == "en");
    CHECK(view.rating.given);
    CHECK(view.rating.value == 2.5);
    CHECK(view.rating.scale_min == 1);
    CHECK(view.rating.scale_max == 5);
    CHECK(view.permalink == "https://example.org/7");
    REQUIRE(view.attributes.size() == 1);
    CHECK(view.attributes[0].first == "brand");
    CHECK(view.attributes[0].second == "acme");
    CHECK(view.occurred_at_us == 1);
    CHECK(view.edited_at_us == 2);
    CHECK(view.deleted_at_us == -3);
    CHECK(view.received_at_us == 4);
    CHECK(seen[1].text == "second");
    CHECK_FALSE(seen[1].rating.given);
    CHECK(seen[1].author.followers == -1);
}

TEST_CASE("a reader passes over fields that it does not know", "[sdk]") {
    v1::ClassifyRequest request;
    v1::FeedbackMessage& message = *request.add_messages();
    message.set_text("text");
    message.GetReflection()->MutableUnknownFields(&message)->AddLengthDelimited(1023, "later");
    message.GetReflection()->MutableUnknownFields(&message)->AddFixed64(1022, 7);
    int seen = 0;
    eachMessage(request.SerializeAsString(), [&](const MessageView& view) {
        ++seen;
        CHECK(view.text == "text");
    });
    CHECK(seen == 1);
    CHECK_THROWS_AS(eachMessage("\x0A\x7F", [](const MessageView&) {}), protozero::exception);
}

TEST_CASE("a field of another type than its own is one that is not known", "[sdk]") {
    // The text as a number, the time as bytes, the rating as a number, and a text.
    const std::string message = std::string("\x48\x05", 2) + std::string("\x92\x01\x01x", 4) +
                                std::string("\x68\x01", 2) + std::string("\x4A\x01t", 3);
    const std::string bytes =
        std::string("\x08\x01\x0A", 3) + static_cast<char>(message.size()) + message;
    int seen = 0;
    eachMessage(bytes, [&](const MessageView& view) {
        ++seen;
        CHECK(view.text == "t");
        CHECK(view.occurred_at_us == 0);
        CHECK_FALSE(view.rating.given);
    });
    CHECK(seen == 1);
}

TEST_CASE("a batch carries what it is more than its messages", "[sdk]") {
    BatchOut out;
    CHECK_FALSE(out.isWorthSending());
    out.hasMore(true);
    CHECK_FALSE(out.isWorthSending());
    out.checkpoint(std::string("\x00\xFF", 2));
    CHECK(out.isWorthSending());
    out.reject("cause", "\xFF", "row 1");
    out.progress(3, 10);
    out.pollAgainIn(5000);
    out.add().externalId("7");
    const auto batch = batchOf(out);
    CHECK(batch.has_more());
    CHECK(batch.checkpoint() == std::string("\x00\xFF", 2));
    CHECK(batch.rejects(0).cause() == "cause");
    CHECK(batch.rejects(0).payload() == "\xFF");
    CHECK(batch.rejects(0).position() == "row 1");
    CHECK(batch.progress().done() == 3);
    CHECK(batch.progress().total() == 10);
    CHECK(batch.next_poll_ms() == 5000);
    CHECK(out.size() == 1);
    CHECK(out.rejects() == 1);
}
