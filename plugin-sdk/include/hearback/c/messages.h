/* Feedback in C11: what channels write, what classifiers and sinks read and answer. Fields mean
 * what schemas/hearback/v1/feedback.proto says of them. */
#ifndef HEARBACK_C_MESSAGES_H
#define HEARBACK_C_MESSAGES_H

#include "hearback/c/wire.h"

/* Numbers of hearback.v1.Kind. */
enum {
    HBC_KIND_UNSPECIFIED = 0,
    HBC_KIND_COMMENT = 1,
    HBC_KIND_REVIEW = 2,
    HBC_KIND_DIRECT_MESSAGE = 3,
    HBC_KIND_MENTION = 4,
    HBC_KIND_MAIL = 5,
    HBC_KIND_SURVEY_ANSWER = 6,
    HBC_KIND_POST = 7
};

typedef struct hbc_attribute {
    hb_text key;
    hb_text value;
} hbc_attribute;

/* One message. What is zero is not known. To write one, begin as {0}; what was read is valid as
 * long as the bytes are. */
typedef struct hbc_message {
    hb_text external_id; /* required of a channel */
    int64_t revision;
    int32_t kind;
    int32_t text_is_html; /* for writing */
    hb_text channel;
    hb_text conversation;
    hb_text parent;
    hb_text author_id;
    hb_text author_handle;
    hb_text author_name;
    hb_text text;
    hb_text subject;
    hb_text language;
    double rating; /* where rating_max is more than rating_min */
    double rating_min;
    double rating_max;
    hb_text permalink;
    int64_t occurred_at_us;
    int64_t edited_at_us;
    int64_t deleted_at_us;
    const hbc_attribute* attributes; /* for writing */
    uint64_t attribute_count;
    hb_text source; /* for reading: the name of the configured source */
} hbc_message;

static inline void hbc_put_author_(hbc_buffer* out, const hbc_message* message) {
    size_t author;
    if (message->author_id.size + message->author_handle.size + message->author_name.size == 0)
        return;
    author = hbc_begin(out, 8);
    hbc_put_text(out, 1, message->author_id);
    hbc_put_text(out, 2, message->author_handle);
    hbc_put_text(out, 3, message->author_name);
    hbc_end(out, author);
}
static inline void hbc_put_attributes_(hbc_buffer* out, const hbc_message* message) {
    uint64_t i;
    for (i = 0; i < message->attribute_count; ++i) {
        const size_t entry = hbc_begin(out, 17);
        hbc_put_text(out, 1, message->attributes[i].key);
        hbc_put_text(out, 2, message->attributes[i].value);
        hbc_end(out, entry);
    }
}
static inline void hbc_put_known_(hbc_buffer* out, uint32_t field, int64_t value) {
    if (value != 0) hbc_put_int(out, field, value);
}

/* Adds a message to a FeedbackBatch. */
static inline void hbc_add(hbc_buffer* batch, const hbc_message* message) {
    const size_t began = hbc_begin(batch, 1);
    hbc_put_text(batch, 2, message->external_id);
    hbc_put_known_(batch, 3, message->revision);
    hbc_put_known_(batch, 4, message->kind);
    hbc_put_text(batch, 5, message->channel);
    hbc_put_text(batch, 6, message->conversation);
    hbc_put_text(batch, 7, message->parent);
    hbc_put_author_(batch, message);
    hbc_put_text(batch, 9, message->text);
    hbc_put_text(batch, 11, message->subject);
    hbc_put_text(batch, 12, message->language);
    if (message->rating_max > message->rating_min) {
        const size_t rating = hbc_begin(batch, 13);
        hbc_put_double(batch, 1, message->rating);
        hbc_put_double(batch, 2, message->rating_min);
        hbc_put_double(batch, 3, message->rating_max);
        hbc_end(batch, rating);
    }
    hbc_put_text(batch, 15, message->permalink);
    hbc_put_attributes_(batch, message);
    hbc_put_known_(batch, 18, message->occurred_at_us);
    hbc_put_known_(batch, 19, message->edited_at_us);
    hbc_put_known_(batch, 20, message->deleted_at_us);
    hbc_put_known_(batch, 21, message->text_is_html != 0);
    hbc_end(batch, began);
}
/* How far has been read, with this batch; up to 64 KiB. Begin it with a version. */
static inline void hbc_checkpoint(hbc_buffer* batch, hb_text note) {
    hbc_put_bytes(batch, 2, note.data, note.size);
}
/* More can be had at once. */
static inline void hbc_has_more(hbc_buffer* batch, int more) { hbc_put_int(batch, 3, more != 0); }
/* Not to be polled again before so many milliseconds. */
static inline void hbc_poll_again_in(hbc_buffer* batch, int64_t ms) { hbc_put_int(batch, 6, ms); }
/* A piece that cannot be read: kept with its cause and spoils no other. */
static inline void hbc_reject(hbc_buffer* batch, hb_text cause, hb_text payload, hb_text position) {
    const size_t reject = hbc_begin(batch, 4);
    hbc_put_text(batch, 1, cause);
    hbc_put_bytes(batch, 2, payload.data, payload.size);
    hbc_put_text(batch, 3, position);
    hbc_end(batch, reject);
}

/* Hands the result over and frees the buffer. */
static inline hb_status hbc_hand_over(hbc_buffer* result, const hb_writer* out) {
    hb_status status = result->failed ? HB_INTERNAL : HB_OK;
    if (status == HB_OK && result->size > 0)
        status = out->write(out->context, result->data, result->size);
    hbc_free(result);
    return status;
}

static inline void hbc_read_author_(hb_bytes bytes, hbc_message* message) {
    hbc_reader in = hbc_read(bytes);
    while (hbc_next(&in)) {
        if (in.field == 1) message->author_id = hbc_get_text(&in);
        if (in.field == 2) message->author_handle = hbc_get_text(&in);
        if (in.field == 3) message->author_name = hbc_get_text(&in);
    }
}
static inline void hbc_read_rating_(hb_bytes bytes, hbc_message* message) {
    hbc_reader in = hbc_read(bytes);
    while (hbc_next(&in)) {
        if (in.field == 1) message->rating = hbc_get_double(&in);
        if (in.field == 2) message->rating_min = hbc_get_double(&in);
        if (in.field == 3) message->rating_max = hbc_get_double(&in);
    }
}
static inline void hbc_read_message(hb_bytes bytes, hbc_message* message) {
    hbc_reader in = hbc_read(bytes);
    memset(message, 0, sizeof *message);
    while (hbc_next(&in)) {
        switch (in.field) {
        case 1: message->source = hbc_get_text(&in); break;
        case 2: message->external_id = hbc_get_text(&in); break;
        case 3: message->revision = (int64_t)in.number; break;
        case 4: message->kind = (int32_t)in.number; break;
        case 5: message->channel = hbc_get_text(&in); break;
        case 6: message->conversation = hbc_get_text(&in); break;
        case 7: message->parent = hbc_get_text(&in); break;
        case 8: hbc_read_author_(in.bytes, message); break;
        case 9: message->text = hbc_get_text(&in); break;
        case 11: message->subject = hbc_get_text(&in); break;
        case 12: message->language = hbc_get_text(&in); break;
        case 13: hbc_read_rating_(in.bytes, message); break;
        case 15: message->permalink = hbc_get_text(&in); break;
        case 18: message->occurred_at_us = (int64_t)in.number; break;
        case 19: message->edited_at_us = (int64_t)in.number; break;
        case 20: message->deleted_at_us = (int64_t)in.number; break;
        default: break;
        }
    }
}

/* A classifier: for (in = hbc_read(request); hbc_next_message(&in, &message); ++index) ... */
static inline int hbc_next_message(hbc_reader* request, hbc_message* message) {
    while (hbc_next(request)) {
        if (request->field != 1 || request->type != 2) continue;
        hbc_read_message(request->bytes, message);
        return 1;
    }
    return 0;
}

/* What a classifier says about the message at `index`; the indexes do not fall. */
typedef struct hbc_label {
    hb_text model_version; /* changes whenever the answers may; up to 128 bytes */
    hb_text label;
    double score;
    double confidence; /* 0 to 1 */
    hb_text reason;    /* for people; may be empty */
} hbc_label;

static inline void hbc_say(hbc_buffer* response, uint32_t index, const hbc_label* label) {
    const size_t message = hbc_begin(response, 1);
    size_t annotation;
    hbc_put_int(response, 1, index);
    annotation = hbc_begin(response, 2);
    hbc_put_text(response, 3, label->model_version);
    hbc_put_text(response, 4, label->label);
    hbc_put_double(response, 5, label->score);
    hbc_put_double(response, 6, label->confidence);
    hbc_put_text(response, 7, label->reason);
    hbc_end(response, annotation);
    hbc_end(response, message);
}

/* A sink: for (in = hbc_read(batch); hbc_next_delivery(&in, &delivery); ++index) ... */
typedef struct hbc_delivery {
    hb_text idempotency_key; /* the same on every attempt */
    int64_t message_id;
    hbc_message message;
    int32_t attempt;
    hb_text team; /* of the route */
    hb_bytes all; /* every field, for hbc_label_of() and whatever else */
} hbc_delivery;

static inline int hbc_next_delivery(hbc_reader* batch, hbc_delivery* delivery) {
    while (hbc_next(batch)) {
        hbc_reader in = hbc_read(batch->bytes);
        if (batch->field != 1 || batch->type != 2) continue;
        memset(delivery, 0, sizeof *delivery);
        delivery->all = batch->bytes;
        while (hbc_next(&in)) {
            if (in.field == 1) delivery->idempotency_key = hbc_get_text(&in);
            if (in.field == 2) delivery->message_id = (int64_t)in.number;
            if (in.field == 3) hbc_read_message(in.bytes, &delivery->message);
            if (in.field == 6) delivery->attempt = (int32_t)in.number;
            if (in.field == 5) {
                hbc_reader route = hbc_read(in.bytes);
                while (hbc_next(&route))
                    if (route.field == 1) delivery->team = hbc_get_text(&route);
            }
        }
        return 1;
    }
    return 0;
}
/* What the classifier of a task, such as "sentiment", said; empty where it said nothing. */
static inline hb_text hbc_label_of(const hbc_delivery* delivery, const char* task) {
    hbc_reader in = hbc_read(delivery->all);
    while (hbc_next(&in)) {
        hb_text label = {NULL, 0};
        int is_it = 0;
        hbc_reader annotation = hbc_read(in.bytes);
        if (in.field != 4) continue;
        while (hbc_next(&annotation)) {
            if (annotation.field == 2) is_it = hbc_is(hbc_get_text(&annotation), task);
            if (annotation.field == 4) label = hbc_get_text(&annotation);
        }
        if (is_it) return label;
    }
    return hbc_text_of(NULL, 0);
}

/* What became of single deliveries; what is not named shares the status that write() returns. */
static inline void hbc_delivered(hbc_buffer* results, uint32_t index, hb_text remote_id) {
    const size_t result = hbc_begin(results, 1);
    hbc_put_int(results, 1, index);
    hbc_put_int(results, 2, HB_OK);
    hbc_put_text(results, 4, remote_id);
    hbc_end(results, result);
}
static inline void hbc_not_delivered(hbc_buffer* results, uint32_t index, hb_status status,
                                     int64_t retry_after_ms, const char* why) {
    const size_t result = hbc_begin(results, 1);
    hbc_put_int(results, 1, index);
    hbc_put_int(results, 2, status);
    if (retry_after_ms > 0) hbc_put_int(results, 3, retry_after_ms);
    hbc_put_text(results, 5, hbc_text(why));
    hbc_end(results, result);
}

#endif
