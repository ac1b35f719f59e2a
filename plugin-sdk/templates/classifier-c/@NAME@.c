// The classifier @NAME@: is a message urgent? It is where it holds a word.
#include <hearback/c/hearback.h>

struct hb_instance {
    const hb_host* host;
    char word[64];
    char version[96];
};

static hb_status configure(hb_instance* self, hb_text settings) {
    if (!hbc_json_text(settings, "word", self->word, sizeof self->word) || self->word[0] == '\0')
        return hbc_fail_setting(self->host, "/word", "must have 1 to 63 bytes");
    // Another word may answer differently, so it is part of the version.
    snprintf(self->version, sizeof self->version, "@NAME@/1-%s", self->word);
    return HB_OK;
}

static int is_same(char in_text, char in_word) {
    const int is_capital = in_text >= 'A' && in_text <= 'Z';
    return (is_capital ? in_text - 'A' + 'a' : in_text) == in_word;
}

static int holds(hb_text text, const char* word) {
    const size_t size = strlen(word);
    for (uint64_t at = 0; at + size <= text.size; ++at) {
        size_t same = 0;
        while (same < size && is_same(text.data[at + same], word[same])) ++same;
        if (same == size) return 1;
    }
    return 0;
}

static hb_status classify(hb_instance* self, hb_bytes request, const hb_writer* response) {
    hbc_buffer answer = {0};
    hbc_reader in = hbc_read(request);
    hbc_message message;
    for (uint32_t i = 0; hbc_next_message(&in, &message); ++i) {
        const int is_urgent = holds(message.text, self->word);
        const hbc_label label = {.model_version = hbc_text(self->version),
                                 .label = hbc_text(is_urgent ? "urgent" : "calm"),
                                 .score = is_urgent,
                                 .confidence = is_urgent ? 0.9 : 0.6,
                                 .reason = hbc_text(is_urgent ? self->word : "")};
        hbc_say(&answer, i, &label);
    }
    return hbc_hand_over(&answer, response);
}

// clang-format off
HBC_MANIFEST({
    "id": "@NAME@", "version": "0.1.0", "kind": "classifier",
    "summary": "Whether a message is urgent", "licence": "Apache-2.0",
    "extensions": ["hearback.classifier/1"], "needs": [],
    "task": "urgency", "labels": ["urgent", "calm"],
    "settings": {
        "type": "object", "additionalProperties": false,
        "properties": {
            "word": {"type": "string", "description": "In small letters", "default": "urgent",
                     "minLength": 1, "maxLength": 63}
        }
    }
})
// clang-format on
HBC_CLASSIFIER(.classify = classify)
HBC_PLUGIN(.configure = configure)
