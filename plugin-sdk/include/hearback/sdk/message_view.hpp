// Reading feedback: views into the bytes that the host passed, valid during the call only.
// Malformed bytes throw protozero::exception, which the SDK turns into a status.
#pragma once

#include "hearback/sdk/message_out.hpp"
#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_message.hpp>

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace hearback {

inline std::string_view toView(protozero::data_view view) { return {view.data(), view.size()}; }

struct AuthorView {
    std::string_view external_id;
    std::string_view handle;
    std::string_view display_name;
    std::int64_t followers = -1; // below 0: not known
    std::string_view url;

    AuthorView() = default;
    explicit AuthorView(protozero::data_view bytes) {
        protozero::pbf_message<wire::Author> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::Author::external_id): external_id = toView(in.get_view()); break;
            case wire::bytes(wire::Author::handle): handle = toView(in.get_view()); break;
            case wire::bytes(wire::Author::display_name):
                display_name = toView(in.get_view());
                break;
            case wire::varint(wire::Author::followers): followers = in.get_int64(); break;
            case wire::bytes(wire::Author::url): url = toView(in.get_view()); break;
            default: in.skip();
            }
        }
    }
};

struct RatingView {
    bool given = false;
    double value = 0;
    double scale_min = 0;
    double scale_max = 0;

    RatingView() = default;
    explicit RatingView(protozero::data_view bytes) : given(true) {
        protozero::pbf_message<wire::Rating> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::fixed64(wire::Rating::value): value = in.get_double(); break;
            case wire::fixed64(wire::Rating::scale_min): scale_min = in.get_double(); break;
            case wire::fixed64(wire::Rating::scale_max): scale_max = in.get_double(); break;
            default: in.skip();
            }
        }
    }
};

// One message. Fields as in schemas/hearback/v1/feedback.proto.
struct MessageView {
    std::string_view source;
    std::string_view external_id;
    std::int64_t revision = 0;
    Kind kind = Kind::Unspecified;
    std::string_view channel;
    std::string_view conversation_key;
    std::string_view parent_external_id;
    AuthorView author;
    std::string_view text;
    std::string_view subject;
    std::string_view language;
    RatingView rating;
    std::string_view permalink;
    std::vector<std::pair<std::string_view, std::string_view>> attributes;
    std::int64_t occurred_at_us = 0;
    std::int64_t edited_at_us = 0;
    std::int64_t deleted_at_us = 0;
    std::int64_t received_at_us = 0;

    MessageView() = default;
    explicit MessageView(protozero::data_view bytes) {
        protozero::pbf_message<wire::FeedbackMessage> in(bytes);
        while (in.next()) read(in);
    }

  private:
    using Field = wire::FeedbackMessage;

    void read(protozero::pbf_message<Field>& in) {
        switch (in.tag_and_type()) {
        case wire::bytes(Field::source): source = toView(in.get_view()); break;
        case wire::bytes(Field::external_id): external_id = toView(in.get_view()); break;
        case wire::varint(Field::revision): revision = in.get_int64(); break;
        case wire::varint(Field::kind): kind = static_cast<Kind>(in.get_enum()); break;
        case wire::bytes(Field::channel): channel = toView(in.get_view()); break;
        case wire::bytes(Field::conversation_key): conversation_key = toView(in.get_view()); break;
        case wire::bytes(Field::parent_external_id):
            parent_external_id = toView(in.get_view());
            break;
        case wire::bytes(Field::author): author = AuthorView(in.get_view()); break;
        case wire::bytes(Field::text): text = toView(in.get_view()); break;
        case wire::bytes(Field::subject): subject = toView(in.get_view()); break;
        case wire::bytes(Field::language): language = toView(in.get_view()); break;
        case wire::bytes(Field::rating): rating = RatingView(in.get_view()); break;
        case wire::bytes(Field::permalink): permalink = toView(in.get_view()); break;
        case wire::bytes(Field::attributes): readAttribute(in.get_view()); break;
        case wire::varint(Field::occurred_at_us): occurred_at_us = in.get_int64(); break;
        case wire::varint(Field::edited_at_us): edited_at_us = in.get_int64(); break;
        case wire::varint(Field::deleted_at_us): deleted_at_us = in.get_int64(); break;
        case wire::varint(Field::received_at_us): received_at_us = in.get_int64(); break;
        default: in.skip();
        }
    }
    void readAttribute(protozero::data_view bytes) {
        std::pair<std::string_view, std::string_view> entry;
        protozero::pbf_message<wire::MapEntry> in(bytes);
        while (in.next()) {
            switch (in.tag_and_type()) {
            case wire::bytes(wire::MapEntry::key): entry.first = toView(in.get_view()); break;
            case wire::bytes(wire::MapEntry::value): entry.second = toView(in.get_view()); break;
            default: in.skip();
            }
        }
        attributes.push_back(entry);
    }
};

// Calls each(MessageView) for every message of a ClassifyRequest or FeedbackBatch: both keep their
// messages in field 1.
template <class Each>
void eachMessage(std::string_view bytes, Each&& each) {
    protozero::pbf_message<wire::ClassifyRequest> in(
        protozero::data_view(bytes.data(), bytes.size()));
    while (in.next()) {
        if (in.tag_and_type() == wire::bytes(wire::ClassifyRequest::messages))
            each(MessageView(in.get_view()));
        else
            in.skip();
    }
}

} // namespace hearback
