// The channel @NAME@: brings in a sample. Ask your service where it says so.
#include <hearback/c/hearback.h>

static const char* const kSample[] = {"Warm light, silent switch.", "The lamp hums at night."};
enum { kSampleSize = sizeof kSample / sizeof kSample[0] };

struct hb_instance {
    const hb_host* host;
    char product[64];
    unsigned next; // of the sample
};

// Settings fit the manifest; a text that is longer than its place is the operator's to mend.
static hb_status configure(hb_instance* self, hb_text settings) {
    if (!hbc_json_text(settings, "product", self->product, sizeof self->product))
        return hbc_fail_setting(self->host, "/product", "must have at most 63 bytes");
    return HB_OK;
}

// A checkpoint is "1 NEXT": its version, and what comes next. Any other begins again.
static hb_status start(hb_instance* self, hb_bytes checkpoint) {
    char note[32] = "";
    if (checkpoint.data != NULL && checkpoint.size < sizeof note)
        memcpy(note, checkpoint.data, (size_t)checkpoint.size);
    if (sscanf(note, "1 %u", &self->next) != 1) self->next = 0;
    return HB_OK;
}

static hb_status poll(hb_instance* self, uint64_t batch_id, uint32_t max_items, uint64_t max_bytes,
                      uint32_t timeout_ms, const hb_writer* out) {
    hbc_buffer batch = {0};
    (void)batch_id, (void)max_bytes, (void)timeout_ms;
    // Here: hbc_http() asks a service, hbc_json_member() and hbc_json_item() read its answer.
    for (uint32_t i = 0; i < max_items && self->next < kSampleSize; ++i, ++self->next) {
        char id[32];
        const int length = snprintf(id, sizeof id, "sample-%u", self->next + 1);
        const hbc_attribute product = {hbc_text("product"), hbc_text(self->product)};
        const hbc_message message = {.external_id = hbc_text_of(id, (size_t)length),
                                     .kind = HBC_KIND_REVIEW,
                                     .text = hbc_text(kSample[self->next]),
                                     .attributes = &product,
                                     .attribute_count = 1};
        hbc_add(&batch, &message);
    }
    if (batch.size == 0) return HB_AGAIN; // nothing new
    char note[32];
    const int length = snprintf(note, sizeof note, "1 %u", self->next);
    hbc_checkpoint(&batch, hbc_text_of(note, (size_t)length));
    return hbc_hand_over(&batch, out);
}

// clang-format off
HBC_MANIFEST({
    "id": "@NAME@", "version": "0.1.0", "kind": "channel",
    "summary": "A sample of reviews", "licence": "Apache-2.0",
    "extensions": ["hearback.source/1"], "needs": [],
    "settings": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "product": {"type": "string", "description": "What the reviews are about",
                        "default": "lamp", "maxLength": 63}
        }
    }
})
// clang-format on
HBC_CHANNEL(.poll = poll)
HBC_PLUGIN(.configure = configure, .start = start)
