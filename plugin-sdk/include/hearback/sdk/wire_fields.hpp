// Field numbers of schemas/hearback/v1, for reading and writing the wire format without
// libprotobuf. The product's tests compare them with the .proto files.
// Wire format: https://protobuf.dev/programming-guides/encoding/
#pragma once

#include <protozero/types.hpp>

#include <cstdint>

namespace hearback::wire {

using Tag = protozero::pbf_tag_type;

// A field together with its wire type, for a switch over tag_and_type(): where the bytes cannot be
// trusted, a field of another type than its own is one that is not known.
template <class Field>
constexpr std::uint32_t varint(Field field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
template <class Field>
constexpr std::uint32_t bytes(Field field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}

template <class Field>
constexpr std::uint32_t fixed64(Field field) {
    return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}

// A bool. Not get_bool(): protozero 1.7 reads its first byte before it looks for the end.
template <class Reader>
bool truth(Reader& in) {
    return in.get_uint64() != 0;
}

enum class FeedbackMessage : Tag {
    source = 1,
    external_id = 2,
    revision = 3,
    kind = 4,
    channel = 5,
    conversation_key = 6,
    parent_external_id = 7,
    author = 8,
    text = 9,
    original_text = 10,
    subject = 11,
    language = 12,
    rating = 13,
    reach = 14,
    permalink = 15,
    attachments = 16,
    attributes = 17,
    occurred_at_us = 18,
    edited_at_us = 19,
    deleted_at_us = 20,
    text_format = 21,
    received_at_us = 22
};
enum class Author : Tag { external_id = 1, handle = 2, display_name = 3, followers = 4, url = 5 };
enum class Rating : Tag { value = 1, scale_min = 2, scale_max = 3 };
enum class Reach : Tag { views = 1, likes = 2, shares = 3, replies = 4 };
enum class Attachment : Tag { name = 1, media_type = 2, url = 3, size = 4 };
enum class MapEntry : Tag { key = 1, value = 2 };
enum class FeedbackBatch : Tag {
    messages = 1,
    checkpoint = 2,
    has_more = 3,
    rejects = 4,
    progress = 5,
    next_poll_ms = 6
};
enum class Reject : Tag { cause = 1, payload = 2, position = 3 };
enum class Progress : Tag { done = 1, total = 2 };

enum class Annotation : Tag {
    classifier = 1,
    task = 2,
    model_version = 3,
    label = 4,
    score = 5,
    confidence = 6,
    reason = 7
};
enum class ClassifyRequest : Tag { messages = 1 };
enum class ClassifyResponse : Tag { messages = 1 };
enum class MessageAnnotations : Tag { index = 1, annotations = 2 };
enum class LabelSet : Tag { labels = 1 };

enum class Route : Tag { team = 1, priority = 2, tags = 3, sinks = 4, rules = 5 };
enum class Delivery : Tag {
    idempotency_key = 1,
    message_id = 2,
    message = 3,
    annotations = 4,
    route = 5,
    attempt = 6,
    remote_id = 7
};
enum class DeliveryBatch : Tag { deliveries = 1 };
enum class DeliveryResults : Tag { results = 1 };
enum class DeliveryResult : Tag {
    index = 1,
    status = 2,
    retry_after_ms = 3,
    remote_id = 4,
    text = 5,
    untried = 6
};

enum class HttpHeader : Tag { name = 1, value = 2 };
enum class HttpRequest : Tag {
    method = 1,
    url = 2,
    headers = 3,
    body = 4,
    timeout_ms = 5,
    max_response_bytes = 6,
    keep_redirects = 7,
    budgets = 8,
    account = 9
};
enum class Budget : Tag { name = 1, cost = 2, limit = 3, period_ms = 4 };
enum class HttpResponse : Tag {
    status = 1,
    headers = 2,
    body = 3,
    url = 4,
    moved_permanently = 5,
    retry_after_ms = 6,
    may_have_arrived = 7
};
enum class OAuthAccount : Tag {
    token_url = 1,
    client_id = 2,
    client_secret = 3,
    refresh_token = 4,
    scope = 5,
    grant = 6,
    secret_in_body = 7,
    single_use = 8
};
enum class IngressRequest : Tag {
    method = 1,
    path = 2,
    query = 3,
    headers = 4,
    body = 5,
    received_at_us = 6
};
enum class IngressReply : Tag { status = 1, headers = 2, body = 3, batch = 4, refused = 5 };

enum class Action : Tag {
    idempotency_key = 1,
    kind = 2,
    target_external_id = 3,
    text = 4,
    actor = 5,
    deadline_us = 6,
    dry_run = 7,
    tag = 8,
    target = 9,
    attempt = 10
};

enum class ActionResult : Tag {
    state = 1,
    remote_id = 2,
    retry_after_ms = 3,
    text = 4,
    visibility = 5
};

enum class CapabilitiesRequest : Tag { target = 1 };
enum class Capabilities : Tag { capabilities = 1 };
enum class Capability : Tag {
    kind = 1,
    available = 2,
    reason = 3,
    text_max = 4,
    text_unit = 5,
    reversible = 6,
    idempotency = 7,
    until_us = 8
};

} // namespace hearback::wire
