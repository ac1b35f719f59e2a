/* Protobuf's wire format in C11: a buffer that grows, fields that are written, fields that are
 * read. https://protobuf.dev/programming-guides/encoding/. Where memory ends or bytes are broken it
 * is noted (failed, broken) and told once, by hbc_hand_over() or by whoever looks. */
#ifndef HEARBACK_C_WIRE_H
#define HEARBACK_C_WIRE_H

#include "hearback/plugin/abi.h"

#include <stdlib.h>
#include <string.h>

/* Text of the plugin's own, which ends with zero, and as the boundary has it. */
static inline hb_text hbc_text(const char* words) {
    const hb_text text = {words, words == NULL ? 0 : strlen(words)};
    return text;
}
static inline hb_text hbc_text_of(const char* data, size_t size) {
    const hb_text text = {data, size};
    return text;
}
static inline int hbc_is(hb_text text, const char* words) {
    return text.size == strlen(words) &&
           (text.size == 0 || memcmp(text.data, words, text.size) == 0);
}

/* Begins as {0}; hbc_free() or hbc_hand_over() ends it. */
typedef struct hbc_buffer {
    uint8_t* data;
    size_t size;
    size_t capacity;
    int failed; /* memory came to its end: what follows is left out */
} hbc_buffer;

static inline void hbc_free(hbc_buffer* buffer) {
    free(buffer->data);
    memset(buffer, 0, sizeof *buffer);
}
static inline void hbc_append(hbc_buffer* buffer, const void* data, size_t size) {
    if (buffer->failed || size == 0) return;
    if (size > buffer->capacity - buffer->size) {
        const size_t more = buffer->capacity + size + 256;
        uint8_t* grown = (uint8_t*)realloc(buffer->data, more + more / 2);
        if (grown == NULL) {
            buffer->failed = 1;
            return;
        }
        buffer->data = grown;
        buffer->capacity = more + more / 2;
    }
    memcpy(buffer->data + buffer->size, data, size);
    buffer->size += size;
}
static inline hb_bytes hbc_bytes(const hbc_buffer* buffer) {
    const hb_bytes bytes = {buffer->data, buffer->size};
    return bytes;
}

static inline size_t hbc_encode_varint(uint8_t bytes[10], uint64_t value) {
    size_t size = 0;
    for (; value > 0x7f; value >>= 7) bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    return size;
}
static inline void hbc_put_varint(hbc_buffer* out, uint64_t value) {
    uint8_t bytes[10];
    hbc_append(out, bytes, hbc_encode_varint(bytes, value));
}
/* Fields: whole numbers, doubles, texts and bytes. */
static inline void hbc_put_int(hbc_buffer* out, uint32_t field, int64_t value) {
    hbc_put_varint(out, (uint64_t)field << 3);
    hbc_put_varint(out, (uint64_t)value);
}
static inline void hbc_put_double(hbc_buffer* out, uint32_t field, double value) {
    uint64_t bits;
    uint8_t bytes[8];
    size_t i;
    memcpy(&bits, &value, sizeof bits);
    for (i = 0; i < sizeof bytes; ++i) bytes[i] = (uint8_t)(bits >> (8 * i));
    hbc_put_varint(out, (uint64_t)field << 3 | 1);
    hbc_append(out, bytes, sizeof bytes);
}
static inline void hbc_put_bytes(hbc_buffer* out, uint32_t field, const void* data, uint64_t size) {
    hbc_put_varint(out, (uint64_t)field << 3 | 2);
    hbc_put_varint(out, size);
    hbc_append(out, data, (size_t)size);
}
/* Nothing where the text is empty. */
static inline void hbc_put_text(hbc_buffer* out, uint32_t field, hb_text text) {
    if (text.size > 0) hbc_put_bytes(out, field, text.data, text.size);
}
/* A message within a message: what is put between the two calls. */
static inline size_t hbc_begin(hbc_buffer* out, uint32_t field) {
    hbc_put_varint(out, (uint64_t)field << 3 | 2);
    return out->size;
}
static inline void hbc_end(hbc_buffer* out, size_t began) {
    uint8_t size[10];
    const size_t inside = out->size - began;
    const size_t length = hbc_encode_varint(size, inside);
    hbc_append(out, size, length); /* makes room; then the size goes before what it tells of */
    if (out->failed) return;
    memmove(out->data + began + length, out->data + began, inside);
    memcpy(out->data + began, size, length);
}

/* Reads a message field by field: while (hbc_next(&in)) switch (in.field) { ... } */
typedef struct hbc_reader {
    const uint8_t* at;
    const uint8_t* end;
    uint32_t field;
    uint32_t type;   /* 0 whole number, 1 double, 2 bytes, 5 float */
    uint64_t number; /* of types 0, 1 and 5 */
    hb_bytes bytes;  /* of type 2 */
    int broken;
} hbc_reader;

static inline hbc_reader hbc_read(hb_bytes bytes) {
    hbc_reader in;
    memset(&in, 0, sizeof in);
    in.at = bytes.data;
    in.end = bytes.data == NULL ? NULL : bytes.data + bytes.size;
    return in;
}
static inline uint64_t hbc_get_varint(hbc_reader* in) {
    uint64_t value = 0;
    uint32_t shift;
    for (shift = 0; shift < 64 && in->at != in->end; shift += 7) {
        const uint8_t byte = *in->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    in->broken = 1;
    return 0;
}
static inline int hbc_next(hbc_reader* in) {
    uint64_t tag;
    uint64_t size;
    if (in->broken || in->at == in->end) return 0;
    tag = hbc_get_varint(in);
    in->field = (uint32_t)(tag >> 3);
    in->type = (uint32_t)(tag & 7);
    in->number = 0;
    in->bytes.data = NULL;
    in->bytes.size = 0;
    if (in->type == 0) {
        in->number = hbc_get_varint(in);
        return !in->broken;
    }
    size = in->type == 1 ? 8 : in->type == 5 ? 4 : in->type == 2 ? hbc_get_varint(in) : UINT64_MAX;
    if (in->broken || size > (uint64_t)(in->end - in->at)) {
        in->broken = 1;
        return 0;
    }
    if (in->type == 2) {
        in->bytes.data = in->at;
        in->bytes.size = size;
    } else {
        uint64_t i;
        for (i = 0; i < size; ++i) in->number |= (uint64_t)in->at[i] << (8 * i);
    }
    in->at += size;
    return 1;
}
static inline hb_text hbc_get_text(const hbc_reader* in) {
    return hbc_text_of((const char*)in->bytes.data, (size_t)in->bytes.size);
}
static inline double hbc_get_double(const hbc_reader* in) {
    double value;
    memcpy(&value, &in->number, sizeof value);
    return in->type == 1 ? value : 0;
}

#endif
