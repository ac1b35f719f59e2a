/* JSON in C11, read where it stands: nothing is allocated. What is found is a piece of the text
 * that it was found in. For settings (which fit the manifest's schema) and for answers of services:
 * what is no JSON is not found.
 *
 *   hb_text list, item;
 *   if (hbc_json_member(answer, "reviews", &list))
 *       while (hbc_json_item(&list, &item)) hbc_json_text(item, "id", id, sizeof id);
 */
#ifndef HEARBACK_C_JSON_H
#define HEARBACK_C_JSON_H

#include "hearback/c/wire.h"

#include <errno.h>

typedef struct hbc_json_at_ {
    const char* at;
    const char* end;
} hbc_json_at_;

static inline char hbc_json_peek_(hbc_json_at_* in) {
    while (in->at != in->end &&
           (*in->at == ' ' || *in->at == '\t' || *in->at == '\n' || *in->at == '\r'))
        ++in->at;
    return in->at == in->end ? '\0' : *in->at;
}
/* Goes behind one value; how deep lists and objects lie in each other does not matter. */
static inline int hbc_json_skip_(hbc_json_at_* in) {
    uint64_t depth = 0;
    int in_text = 0;
    if (hbc_json_peek_(in) == '\0') return 0;
    for (; in->at != in->end; ++in->at) {
        const char c = *in->at;
        if (in_text) {
            if (c == '\\' && in->at + 1 != in->end) ++in->at;
            if (c == '"') in_text = 0;
            if (c == '"' && depth == 0) {
                ++in->at;
                return 1;
            }
        } else if (c == '"') {
            in_text = 1;
        } else if (c == '{' || c == '[') {
            ++depth;
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ':')) {
            return 1; /* behind a number or a word */
        } else if (c == '}' || c == ']') {
            if (--depth == 0) {
                ++in->at;
                return 1;
            }
        }
    }
    return depth == 0 && !in_text;
}
static inline int hbc_json_value_(hbc_json_at_* in, hb_text* value) {
    const char* begin;
    if (hbc_json_peek_(in) == '\0') return 0;
    begin = in->at;
    if (!hbc_json_skip_(in) || in->at == begin) return 0;
    *value = hbc_text_of(begin, (size_t)(in->at - begin));
    while (value->size > 0 && (unsigned char)value->data[value->size - 1] <= ' ') --value->size;
    return 1;
}

static inline int hbc_json_hex_(const char* at, const char* end, uint32_t* value) {
    int i;
    if (end - at < 4) return 0;
    for (*value = 0, i = 0; i < 4; ++i) {
        const char c = at[i];
        const int digit = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (digit < 0) return 0;
        *value = *value << 4 | (uint32_t)digit;
    }
    return 1;
}
static inline size_t hbc_json_utf8_(uint32_t point, char into[4]) {
    if (point < 0x80) {
        into[0] = (char)point;
        return 1;
    }
    if (point < 0x800) {
        into[0] = (char)(0xc0 | point >> 6);
        into[1] = (char)(0x80 | (point & 0x3f));
        return 2;
    }
    if (point < 0x10000) {
        into[0] = (char)(0xe0 | point >> 12);
        into[1] = (char)(0x80 | (point >> 6 & 0x3f));
        into[2] = (char)(0x80 | (point & 0x3f));
        return 3;
    }
    into[0] = (char)(0xf0 | point >> 18);
    into[1] = (char)(0x80 | (point >> 12 & 0x3f));
    into[2] = (char)(0x80 | (point >> 6 & 0x3f));
    into[3] = (char)(0x80 | (point & 0x3f));
    return 4;
}
/* One letter behind a backslash; `*at` stands on what follows it. Half of a pair is U+FFFD. */
static inline size_t hbc_json_escape_(const char** at, const char* end, char into[4]) {
    static const char kFrom[] = "\"\\/bfnrt";
    static const char kTo[] = "\"\\/\b\f\n\r\t";
    const char c = *(*at)++;
    const char* plain = c == '\0' ? NULL : strchr(kFrom, c);
    uint32_t point;
    uint32_t low;
    if (plain != NULL) {
        into[0] = kTo[plain - kFrom];
        return 1;
    }
    if (c != 'u' || !hbc_json_hex_(*at, end, &point)) return 0;
    *at += 4;
    if (point >= 0xd800 && point < 0xdc00 && end - *at >= 6 && (*at)[0] == '\\' &&
        (*at)[1] == 'u' && hbc_json_hex_(*at + 2, end, &low) && low >= 0xdc00 && low < 0xe000) {
        *at += 6;
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    if (point >= 0xd800 && point < 0xe000) point = 0xfffd;
    return hbc_json_utf8_(point, into);
}
/* A JSON string as it is meant, ended by zero. False where it is none, holds a zero, or does not
 * fit into `size` bytes. */
static inline int hbc_json_string(hb_text json, char* into, size_t size) {
    const char* at;
    const char* end;
    size_t used = 0;
    if (size == 0 || json.size < 2 || json.data[0] != '"' || json.data[json.size - 1] != '"')
        return 0;
    at = json.data + 1;
    end = json.data + json.size - 1;
    while (at != end) {
        char letter[4];
        size_t count = 1;
        letter[0] = *at++;
        if (letter[0] == '\\') count = at == end ? 0 : hbc_json_escape_(&at, end, letter);
        if (count == 0 || letter[0] == '\0' || used + count >= size) return 0;
        memcpy(into + used, letter, count);
        used += count;
    }
    into[used] = '\0';
    return 1;
}

/* The next item of a list, which `rest` is at first; false behind the last one. */
static inline int hbc_json_item(hb_text* rest, hb_text* item) {
    hbc_json_at_ in;
    in.at = rest->data;
    in.end = rest->data == NULL ? NULL : rest->data + rest->size;
    if (hbc_json_peek_(&in) != '[' && hbc_json_peek_(&in) != ',') return 0;
    ++in.at;
    if (hbc_json_peek_(&in) == ']' || !hbc_json_value_(&in, item)) return 0;
    *rest = hbc_text_of(in.at, (size_t)(in.end - in.at));
    return 1;
}
/* The next member of an object, which `rest` is at first, with its name as it stands there, quotes
 * and all; false behind the last one. */
static inline int hbc_json_next_member(hb_text* rest, hb_text* name, hb_text* value) {
    hbc_json_at_ in;
    in.at = rest->data;
    in.end = rest->data == NULL ? NULL : rest->data + rest->size;
    if (hbc_json_peek_(&in) != '{' && hbc_json_peek_(&in) != ',') return 0;
    ++in.at;
    if (!hbc_json_value_(&in, name) || name->size < 2 || name->data[0] != '"') return 0;
    if (hbc_json_peek_(&in) != ':') return 0;
    ++in.at;
    if (!hbc_json_value_(&in, value)) return 0;
    *rest = hbc_text_of(in.at, (size_t)(in.end - in.at));
    return 1;
}
/* The one value that a text is, without the blanks around it. */
static inline int hbc_json_whole(hb_text text, hb_text* value) {
    hbc_json_at_ in;
    in.at = text.data;
    in.end = text.data == NULL ? NULL : text.data + text.size;
    return hbc_json_value_(&in, value) && hbc_json_peek_(&in) == '\0';
}
/* A member of an object, as it stands there. */
static inline int hbc_json_member(hb_text object, const char* name, hb_text* value) {
    char key[256];
    hb_text written;
    while (hbc_json_next_member(&object, &written, value))
        if (hbc_json_string(written, key, sizeof key) && strcmp(key, name) == 0) return 1;
    return 0;
}
/* Members of an object by their type. False where there is none such; a number is then unchanged.
 */
static inline int hbc_json_text(hb_text object, const char* name, char* into, size_t size) {
    hb_text value;
    return hbc_json_member(object, name, &value) && hbc_json_string(value, into, size);
}
/* Its digits, ended by zero. */
static inline int hbc_json_digits_(hb_text object, const char* name, char digits[64]) {
    hb_text value;
    if (!hbc_json_member(object, name, &value) || value.size >= 64) return 0;
    if (value.data[0] != '-' && (value.data[0] < '0' || value.data[0] > '9')) return 0;
    memcpy(digits, value.data, (size_t)value.size);
    digits[value.size] = '\0';
    return 1;
}
static inline int hbc_json_number(hb_text object, const char* name, double* into) {
    char digits[64];
    char* end;
    double number;
    if (!hbc_json_digits_(object, name, digits)) return 0;
    number = strtod(digits, &end);
    if (*end != '\0') return 0;
    *into = number;
    return 1;
}
static inline int hbc_json_int(hb_text object, const char* name, int64_t* into) {
    char digits[64];
    char* end;
    long long number;
    if (!hbc_json_digits_(object, name, digits)) return 0;
    errno = 0;
    number = strtoll(digits, &end, 10);
    if (*end != '\0' || errno == ERANGE) return 0;
    *into = number;
    return 1;
}
static inline int hbc_json_bool(hb_text object, const char* name, int* into) {
    hb_text value;
    if (!hbc_json_member(object, name, &value)) return 0;
    if (!hbc_is(value, "true") && !hbc_is(value, "false")) return 0;
    *into = value.data[0] == 't';
    return 1;
}

#endif
