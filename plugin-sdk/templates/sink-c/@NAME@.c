// The sink @NAME@: writes each message as one line of a file: key, author, text.
#include <hearback/c/hearback.h>

struct hb_instance {
    const hb_host* host;
    char path[4096];
};

static hb_status configure(hb_instance* self, hb_text settings) {
    if (!hbc_json_text(settings, "path", self->path, sizeof self->path))
        return hbc_fail_setting(self->host, "/path", "must have at most 4095 bytes");
    return HB_OK;
}

// Tabs and line ends would be taken for the file's own.
static void put(FILE* file, hb_text text, char behind) {
    for (uint64_t i = 0; i < text.size; ++i) {
        const char c = text.data[i];
        fputc(c == '\t' || c == '\n' || c == '\r' ? ' ' : c, file);
    }
    fputc(behind, file);
}

// All or nothing: after a failure every delivery comes again with its key, by which a reader of the
// file can tell repeats.
static hb_status write(hb_instance* self, uint64_t batch_id, hb_bytes batch,
                       const hb_writer* results) {
    FILE* file = fopen(self->path, "ab");
    hbc_reader in = hbc_read(batch);
    hbc_delivery delivery;
    (void)batch_id, (void)results;
    if (file == NULL)
        return hbc_fail(self->host, HB_UNAVAILABLE, "cannot write to %s: %s", self->path,
                        strerror(errno));
    while (hbc_next_delivery(&in, &delivery)) {
        put(file, delivery.idempotency_key, '\t');
        put(file, delivery.message.author_name, '\t');
        put(file, delivery.message.text, '\n');
    }
    if (fclose(file) != 0)
        return hbc_fail(self->host, HB_UNAVAILABLE, "cannot write all of it to %s: %s", self->path,
                        strerror(errno));
    return HB_OK;
}

// clang-format off
HBC_MANIFEST({
    "id": "@NAME@", "version": "0.1.0", "kind": "sink",
    "summary": "One line of a file for each message", "licence": "Apache-2.0",
    "extensions": ["hearback.sink/1"], "needs": ["files"],
    "settings": {
        "type": "object", "additionalProperties": false, "required": ["path"],
        "properties": {
            "path": {"type": "string", "description": "The file", "x-hearback-path": true,
                     "maxLength": 4095}
        }
    }
})
// clang-format on
HBC_SINK(.write = write)
HBC_PLUGIN(.configure = configure)
