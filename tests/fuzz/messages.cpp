#include "fuzz/messages.h"

#include "base/utf8.h"
#include "fuzz/promise.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/message_differencer.h>

#include <cmath>

namespace hearback::fuzz {

namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const intake::Origin kOrigin = {"shop", "channel-plugin"};

// Maps are lists of entries to reflection.
void requireUtf8(const Message& message) {
    const auto& reflection = *message.GetReflection();
    std::vector<const FieldDescriptor*> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
        const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
        for (int i = 0; i < count; ++i) {
            if (field->type() == FieldDescriptor::TYPE_STRING)
                require(base::isUtf8(field->is_repeated()
                                         ? reflection.GetRepeatedString(message, field, i)
                                         : reflection.GetString(message, field)),
                        "a string is valid UTF-8", field->full_name());
            if (field->type() == FieldDescriptor::TYPE_MESSAGE)
                requireUtf8(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                                 : reflection.GetMessage(message, field));
        }
    }
}

void requireWithin(const std::string& text, std::size_t max, const char* field) {
    require(text.size() <= max, "a field is within its limit", field);
}

void requireLine(const std::string& text, std::size_t max, const char* field) {
    requireWithin(text, max, field);
    require(text.find_first_of("\r\n\x1b\x7f") == std::string::npos, "a line is one line", field);
}

void requireLimits(const v1::FeedbackMessage& m) {
    requireLine(m.external_id(), intake::kIdMax, "external_id");
    require(!m.external_id().empty(), "a message has an id");
    requireLine(m.channel(), 64, "channel");
    require(!m.channel().empty(), "a message has a channel");
    requireLine(m.language(), 35, "language");
    requireLine(m.subject(), intake::kSubjectMax, "subject");
    requireLine(m.conversation_key(), intake::kIdMax, "conversation_key");
    requireLine(m.parent_external_id(), intake::kIdMax, "parent_external_id");
    requireLine(m.permalink(), intake::kUrlMax, "permalink");
    requireLine(m.author().external_id(), intake::kNameMax, "author.external_id");
    requireLine(m.author().handle(), intake::kNameMax, "author.handle");
    requireLine(m.author().display_name(), intake::kNameMax, "author.display_name");
    requireLine(m.author().url(), intake::kUrlMax, "author.url");
    requireWithin(m.text(), intake::kTextMax, "text");
    requireWithin(m.original_text(), intake::kOriginalMax, "original_text");
    require(m.attachments_size() <= intake::kAttachmentsMax, "attachments are few");
    for (const v1::Attachment& attachment : m.attachments()) {
        requireLine(attachment.name(), intake::kNameMax, "attachment.name");
        requireLine(attachment.media_type(), 128, "attachment.media_type");
        requireLine(attachment.url(), intake::kUrlMax, "attachment.url");
    }
    require(static_cast<int>(m.attributes().size()) <= intake::kAttributesMax,
            "attributes are few");
    for (const auto& [key, value] : m.attributes()) {
        requireLine(key, intake::kAttributeKeyMax, "attribute's key");
        require(!key.empty(), "an attribute has a name");
        requireWithin(value, intake::kAttributeValueMax, "attribute's value");
    }
}

} // namespace

void requireNormal(const v1::FeedbackMessage& message) {
    requireUtf8(message);
    requireLimits(message);
    require(!message.source().empty(), "the host names the source");
    require(message.received_at_us() == kNow, "the host tells when it came");
    require(message.text_format() == v1::TEXT_FORMAT_PLAIN, "a text is plain");
    require(message.occurred_at_us() != 0 && message.occurred_at_us() <= kNow + base::kDay,
            "a message was written at some time");
    require(!message.has_rating() || std::isfinite(message.rating().value()),
            "a rating is a number");
    require(!message.author().has_followers() || message.author().followers() >= 0,
            "followers are counted from 0");
    const intake::Origin origin = {message.source(), kOrigin.plugin};
    const auto again = intake::normalise(message.SerializeAsString(), origin, kNow);
    const auto* same = std::get_if<v1::FeedbackMessage>(&again);
    require(same != nullptr, "what is normal is taken again");
    google::protobuf::util::MessageDifferencer compare;
    std::string difference;
    compare.ReportDifferencesToString(&difference);
    require(compare.Compare(message, *same), "what is normal stays as it is", difference);
}

std::string bytesOf(const Message& message) {
    std::string bytes;
    {
        google::protobuf::io::StringOutputStream stream(&bytes);
        google::protobuf::io::CodedOutputStream out(&stream);
        out.SetSerializationDeterministic(true);
        message.SerializeToCodedStream(&out);
    }
    return bytes;
}

base::Result<intake::ReadBatch> requireSound(std::string_view batch) {
    auto read = intake::readBatch(batch, kOrigin, kNow);
    if (!read) return read;
    for (const pipeline::Item& item : read->batch.items) requireNormal(item.message);
    for (const pipeline::DeadLetter& letter : read->batch.dead_letters) {
        require(base::isUtf8(letter.cause) && base::isUtf8(letter.position),
                "a dead letter can be shown");
        require(letter.payload.size() <= 1 << 20, "a dead letter is bounded");
    }
    require(read->next_poll >= 0 && read->next_poll <= base::kDay, "a poll comes within a day");
    return read;
}

} // namespace hearback::fuzz
