// Asks a shop for its reviews, as JSON, and brings in what is new or changed.
#include <hearback/c/hearback.h>

struct hb_instance {
    const hb_host* host;
    char url[2048];
    int64_t every_s;
    uint32_t next; // of a list that is longer than a batch
};

static hb_status configure(hb_instance* self, hb_text settings) {
    if (!hbc_json_text(settings, "url", self->url, sizeof self->url))
        return hbc_fail_setting(self->host, "/url", "must have at most 2047 bytes");
    self->every_s = 60;
    hbc_json_int(settings, "every_s", &self->every_s);
    return HB_OK;
}

static hb_status start(hb_instance* self, hb_bytes checkpoint) {
    (void)checkpoint; // all is read again; what is known already is stored once
    self->next = 0;
    return HB_OK;
}

// A piece that cannot be read is kept with its cause, and spoils no other.
static void add(hb_text review, hbc_buffer* batch) {
    char id[256];
    char text[4096];
    int64_t at_s;
    hbc_message message = {.kind = HBC_KIND_REVIEW, .rating_min = 1, .rating_max = 5};
    if (!hbc_json_text(review, "id", id, sizeof id) ||
        !hbc_json_text(review, "text", text, sizeof text) ||
        !hbc_json_int(review, "at", &at_s) ||
        !hbc_json_number(review, "stars", &message.rating)) {
        hbc_reject(batch, hbc_text("needs an id, a text, stars and a time"), review, hbc_text(""));
        return;
    }
    message.external_id = hbc_text(id); // stored once, however often seen
    message.text = hbc_text(text);
    message.occurred_at_us = at_s * 1000000;
    hbc_add(batch, &message);
}

static hb_status read_list(hb_instance* self, hb_text list, uint32_t max_items,
                           hbc_buffer* batch) {
    hb_text review;
    uint32_t place = 0;
    uint32_t added = 0;
    int more = 0;
    hb_text whole;
    if (!hbc_json_whole(list, &whole) || whole.data[0] != '[')
        return hbc_fail(self->host, HB_UNAVAILABLE, "the shop's answer is no list");
    for (; hbc_json_item(&whole, &review); ++place) {
        if (place < self->next) continue;
        more = added == max_items;
        if (more) break;
        add(review, batch);
        ++added;
    }
    self->next = more ? place : 0;
    if (more)
        hbc_has_more(batch, 1);
    else
        hbc_poll_again_in(batch, self->every_s * 1000);
    return HB_OK;
}

static hb_status poll(hb_instance* self, uint64_t batch_id, uint32_t max_items, uint64_t max_bytes,
                      uint32_t timeout_ms, const hb_writer* out) {
    const hbc_http_call call = {.url = hbc_text(self->url)};
    hbc_http_answer answer;
    hbc_buffer batch = {0};
    hb_status status = hbc_http(self->host, &call, &answer);
    (void)batch_id, (void)max_bytes, (void)timeout_ms;
    if (status != HB_OK) return status; // no answer came; the host knows why
    status = hbc_http_poll_outcome(self->host, &answer);
    if (status == HB_OK) status = read_list(self, answer.body, max_items, &batch);
    hbc_free(&answer.all);
    if (status == HB_OK) return hbc_hand_over(&batch, out);
    hbc_free(&batch);
    return status;
}

// clang-format off
HBC_MANIFEST({
    "id": "reviews", "version": "1.0.0", "kind": "channel",
    "summary": "Reviews of a shop, as JSON", "licence": "Apache-2.0",
    "extensions": ["hearback.source/1"], "needs": ["http"],
    "settings": {
        "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": {
            "url": {"type": "string", "description": "Where the reviews are", "maxLength": 2047},
            "every_s": {"type": "integer", "description": "Seconds between two looks",
                        "minimum": 1, "maximum": 86400, "default": 60}
        }
    }
})
// clang-format on
HBC_CHANNEL(.poll = poll)
HBC_PLUGIN(.configure = configure, .start = start)
