/* What c_kit_test.cpp asks of the C kit, compiled as the C11 that its users write. */
#include <hearback/c/hearback.h>

#include "c_kit.h"

static const hb_host* test_host;

struct hb_instance {
    const hb_host* host;
    int stopped;
};

static hb_text text(const char* words) { return hbc_text(words); }

void c_kit_batch(const hb_writer* out) {
    const hbc_attribute attributes[] = {{text("brand"), text("Lumo")}, {text("empty"), text("")}};
    hbc_message message = {0};
    hbc_buffer batch = {0};
    message.external_id = text("id-1");
    message.revision = 7;
    message.kind = HBC_KIND_SURVEY_ANSWER;
    message.text_is_html = 1;
    message.channel = text("shop");
    message.conversation = text("thread");
    message.parent = text("id-0");
    message.author_id = text("u1");
    message.author_handle = text("@ada");
    message.author_name = text("Ada");
    message.text = text("<p>Hello</p>");
    message.subject = text("Lamp");
    message.language = text("en");
    message.rating = 4.5;
    message.rating_min = 1;
    message.rating_max = 5;
    message.permalink = text("https://shop.example/1");
    message.occurred_at_us = 1;
    message.edited_at_us = 2;
    message.deleted_at_us = 3;
    message.attributes = attributes;
    message.attribute_count = 2;
    hbc_add(&batch, &message);
    memset(&message, 0, sizeof message);
    message.external_id = text("id-2");
    hbc_add(&batch, &message);
    hbc_checkpoint(&batch, hbc_text_of("1\0x", 3));
    hbc_has_more(&batch, 1);
    hbc_poll_again_in(&batch, 250);
    hbc_reject(&batch, text("why"), hbc_text_of("\xff", 1), text("line 3"));
    hbc_hand_over(&batch, out);
}

void c_kit_copy(hb_bytes request, const hb_writer* out) {
    hbc_reader in = hbc_read(request);
    hbc_buffer batch = {0};
    hbc_message message;
    while (hbc_next_message(&in, &message)) hbc_add(&batch, &message);
    if (in.broken) hbc_reject(&batch, text("broken"), text(""), text(""));
    hbc_hand_over(&batch, out);
}

void c_kit_labels(const hb_writer* out) {
    const hbc_label label = {text("v/1"), text("calm"), 2.5, 0.25, text("a word")};
    hbc_buffer response = {0};
    hbc_say(&response, 300, &label);
    hbc_hand_over(&response, out);
}

void c_kit_write(hb_bytes deliveries, const hb_writer* out) {
    hbc_reader in = hbc_read(deliveries);
    hbc_buffer results = {0};
    hbc_delivery delivery;
    uint32_t i;
    for (i = 0; hbc_next_delivery(&in, &delivery); ++i) {
        const hb_text mood = hbc_label_of(&delivery, "mood");
        if (mood.size > 0 && delivery.attempt == 2 && delivery.message_id == 17)
            hbc_delivered(&results, i, mood);
        else
            hbc_not_delivered(&results, i, HB_RATE_LIMITED, 500, "too many");
        hbc_not_delivered(&results, 9, HB_ITEM_INVALID, 0,
                          delivery.message.text.data ? "text" : "");
        if (hbc_is(delivery.idempotency_key, "key") && hbc_is(delivery.team, "support"))
            hbc_delivered(&results, 10, delivery.message.author_name);
    }
    hbc_hand_over(&results, out);
}

int c_kit_text(hb_text json, const char* name, char* into, size_t size) {
    return hbc_json_text(json, name, into, size);
}
int c_kit_int(hb_text json, const char* name, int64_t* into) {
    return hbc_json_int(json, name, into);
}
int c_kit_number(hb_text json, const char* name, double* into) {
    return hbc_json_number(json, name, into);
}
int c_kit_bool(hb_text json, const char* name, int* into) {
    return hbc_json_bool(json, name, into);
}
size_t c_kit_items(hb_text json, const char* name, char* all, size_t size) {
    hb_text list;
    hb_text item;
    size_t count = 0;
    all[0] = '\0';
    if (!hbc_json_member(json, name, &list)) return 0;
    for (; hbc_json_item(&list, &item); ++count)
        snprintf(all + strlen(all), size - strlen(all), "%.*s;", (int)item.size, item.data);
    return count;
}

static hb_status configure(hb_instance* self, hb_text settings) {
    char word[8];
    test_host = self->host;
    if (!hbc_json_text(settings, "word", word, sizeof word))
        return hbc_fail_setting(self->host, "/word", "is too long");
    hbc_log(self->host, HB_LOG_WARNING, "%s %d", word, 17);
    return HB_OK;
}
static hb_status check(hb_instance* self, const hb_writer* report) {
    (void)self;
    return report->write(report->context, "fine", 4);
}
static hb_status nothing(hb_instance* self, hb_bytes request, const hb_writer* reply) {
    (void)self, (void)request, (void)reply;
    return HB_OK;
}

static hb_status start(hb_instance* self, hb_bytes checkpoint) {
    if (checkpoint.data != NULL) return hbc_fail(self->host, HB_CONFIG, "version %d", 2);
    return hbc_add_route(self->host, text("/in"), text("GET,POST"), nothing);
}
static void stop(hb_instance* self) { ++self->stopped; }

/* Each of them once. */
static hb_status useServices(const hb_host* host) {
    hbc_oauth_account account = {0};
    hbc_buffer value = {0};
    hb_status status;
    account.token_url = text("https://x.example/token");
    account.client_id = text("c");
    account.client_secret = text("s");
    account.grant = HBC_GRANT_CLIENT_CREDENTIALS;
    status = hbc_access_token(host, &account, &value);
    if (status == HB_OK) status = hbc_store(host, text("token"), hbc_bytes(&value));
    if (status == HB_OK) status = hbc_token_refused(host, &account);
    hbc_free(&value);
    if (status == HB_OK) status = hbc_secret(host, text("word"), &value);
    if (status == HB_OK) status = hbc_store(host, text("secret"), hbc_bytes(&value));
    hbc_free(&value);
    if (status == HB_OK) status = hbc_remove(host, text("old"));
    if (status == HB_OK && hbc_load(host, text("old"), &value) != HB_AGAIN) status = HB_INTERNAL;
    hbc_free(&value);
    hbc_count(host, text("polls"), 2);
    hbc_gauge(host, text("depth"), 1.5);
    hbc_timing(host, text("page"), 250);
    if (status == HB_OK) status = hbc_wake_at(host, host->now_us(host->context) + 7);
    return status;
}

static hb_status poll(hb_instance* self, uint64_t batch_id, uint32_t max_items, uint64_t max_bytes,
                      uint32_t timeout_ms, const hb_writer* out) {
    const hbc_header header = {text("X-Key"), text("k")};
    hbc_http_call call = {0};
    hbc_http_answer answer;
    hbc_buffer batch = {0};
    hbc_buffer value = {0};
    hbc_message message = {0};
    hb_status status;
    (void)batch_id, (void)max_items, (void)max_bytes, (void)timeout_ms;
    call.url = text("https://x.example/");
    call.headers = &header;
    call.header_count = 1;
    call.body = text("body");
    status = hbc_http(self->host, &call, &answer);
    if (status != HB_OK) return status;
    status = hbc_http_poll_outcome(self->host, &answer);
    if (status != HB_OK) {
        hbc_free(&answer.all);
        return status;
    }
    status = hbc_load(self->host, text("seen"), &value);
    if (status == HB_OK) status = useServices(self->host);
    if (status != HB_OK) {
        hbc_free(&value);
        hbc_free(&answer.all);
        return status;
    }
    message.external_id = hbc_text_of((const char*)value.data, value.size);
    message.text = answer.body;
    hbc_add(&batch, &message);
    hbc_free(&value);
    hbc_free(&answer.all);
    return hbc_hand_over(&batch, out);
}

/* clang-format off */
HBC_MANIFEST({
    "id": "c-kit", "version": "1.0.0", "kind": "channel", "extensions": ["hearback.source/1"],
    "settings": {"type": "object", "additionalProperties": false,
                 "properties": {"word": {"type": "string", "default": "caf\u00e9 \"",
                                         "x-odd": true},
                                "name": {"type": "string", "maxLength": 3},
                                "tags": {"type": "array", "minItems": 1,
                                         "items": {"type": "string", "enum": ["a", "b"]}},
                                "limits": {"type": "object", "required": ["low"],
                                           "properties": {"low": {"type": "integer", "maximum": 9}},
                                           "additionalProperties": {"type": "number"}}}}
})
/* clang-format on */
HBC_CHANNEL(.poll = poll)
HBC_PLUGIN(.configure = configure, .check = check, .start = start, .stop = stop)
