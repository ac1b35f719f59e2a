/* Holds settings against the JSON Schema of the manifest, in C11: the host has done so already, but
 * a plugin does not rely on it. */
#ifndef HEARBACK_C_SCHEMA_H
#define HEARBACK_C_SCHEMA_H

#include "hearback/c/host.h"
#include "hearback/c/json.h"

enum { HBC_PATH_MAX_ = 256, HBC_DEPTH_MAX_ = 16 };

typedef struct hbc_place_ {
    const hb_host* host;
    char path[HBC_PATH_MAX_]; /* a JSON pointer */
    size_t length;
    int depth;
} hbc_place_;

static inline hb_status hbc_hold_(hbc_place_* place, hb_text value, hb_text schema);

/* Goes one step down; the length to go back to is returned. Steps of a path that is too long are
 * not told. */
static inline size_t hbc_step_(hbc_place_* place, hb_text name) {
    const size_t before = place->length;
    if (before + name.size + 2 > sizeof place->path) return before;
    place->path[place->length++] = '/';
    memcpy(place->path + place->length, name.data, (size_t)name.size);
    place->length += (size_t)name.size;
    place->path[place->length] = '\0';
    return before;
}
static inline void hbc_step_back_(hbc_place_* place, size_t length) {
    place->length = length;
    place->path[length] = '\0';
}

static inline int hbc_is_digit_(char c) { return c >= '0' && c <= '9'; }
static inline int hbc_is_number_(hb_text value, int whole) {
    uint64_t i;
    if (value.size == 0 || (value.data[0] != '-' && !hbc_is_digit_(value.data[0]))) return 0;
    for (i = 1; whole && i < value.size; ++i)
        if (!hbc_is_digit_(value.data[i])) return 0;
    return 1;
}
static inline int hbc_is_of_type_(hb_text value, const char* type) {
    const char first = value.size == 0 ? '\0' : value.data[0];
    if (strcmp(type, "string") == 0) return first == '"';
    if (strcmp(type, "array") == 0) return first == '[';
    if (strcmp(type, "object") == 0) return first == '{';
    if (strcmp(type, "boolean") == 0) return hbc_is(value, "true") || hbc_is(value, "false");
    if (strcmp(type, "integer") == 0) return hbc_is_number_(value, 1);
    if (strcmp(type, "number") == 0) return hbc_is_number_(value, 0);
    return 1;
}
/* Letters, not bytes: JSON Schema counts them so. */
static inline int64_t hbc_letters_(hb_text json) {
    int64_t count = 0;
    uint64_t i;
    for (i = 1; i + 1 < json.size; ++i) {
        if (((unsigned char)json.data[i] & 0xc0) == 0x80) continue;
        if (json.data[i] == '\\') ++i;
        if (json.data[i] == 'u' && json.data[i - 1] == '\\') {
            const int second = i + 2 < json.size && (json.data[i + 1] | 0x20) == 'd' &&
                               strchr("cdefCDEF", json.data[i + 2]) != NULL;
            i += 4;
            if (second) continue; /* of a pair */
        }
        ++count;
    }
    return count;
}
static inline int64_t hbc_items_(hb_text list) {
    hb_text item;
    int64_t count = 0;
    while (hbc_json_item(&list, &item)) ++count;
    return count;
}
static inline int hbc_is_within_(double number, hb_text schema, const char* low, const char* high) {
    double limit;
    if (hbc_json_number(schema, low, &limit) && number < limit) return 0;
    return !hbc_json_number(schema, high, &limit) || number <= limit;
}
static inline int hbc_is_same_(hb_text one, hb_text other) {
    char left[512];
    char right[512];
    if (hbc_json_string(one, left, sizeof left) && hbc_json_string(other, right, sizeof right))
        return strcmp(left, right) == 0;
    return one.size == other.size && memcmp(one.data, other.data, (size_t)one.size) == 0;
}
static inline int hbc_is_among_(hb_text value, hb_text choices) {
    hb_text choice;
    while (hbc_json_item(&choices, &choice))
        if (hbc_is_same_(value, choice)) return 1;
    return 0;
}

/* Null, or what is wrong with the value itself, whatever it holds. */
static inline const char* hbc_problem_of_(hb_text value, hb_text schema) {
    char type[16];
    hb_text other;
    if (hbc_json_text(schema, "type", type, sizeof type) && !hbc_is_of_type_(value, type))
        return "has the wrong type";
    if (hbc_json_member(schema, "enum", &other) && !hbc_is_among_(value, other))
        return "is none of the choices";
    if (hbc_json_member(schema, "const", &other) && !hbc_is_same_(value, other))
        return "is another value than wanted";
    if (value.data[0] == '"' &&
        !hbc_is_within_((double)hbc_letters_(value), schema, "minLength", "maxLength"))
        return "is too short or too long";
    if (value.data[0] == '[' &&
        !hbc_is_within_((double)hbc_items_(value), schema, "minItems", "maxItems"))
        return "has too few or too many items";
    if (hbc_is_number_(value, 0) &&
        !hbc_is_within_(strtod(value.data, NULL), schema, "minimum", "maximum"))
        return "is out of range";
    return NULL;
}

static inline hb_status hbc_hold_items_(hbc_place_* place, hb_text list, hb_text schema) {
    hb_text item;
    unsigned index;
    for (index = 0; hbc_json_item(&list, &item); ++index) {
        char number[16];
        hb_status status;
        const int length = snprintf(number, sizeof number, "%u", index);
        const size_t before = hbc_step_(place, hbc_text_of(number, (size_t)length));
        status = hbc_hold_(place, item, schema);
        if (status != HB_OK) return status;
        hbc_step_back_(place, before);
    }
    return HB_OK;
}
static inline hb_status hbc_hold_required_(hbc_place_* place, hb_text object, hb_text schema) {
    hb_text required;
    hb_text name;
    hb_text value;
    char key[HBC_PATH_MAX_];
    if (!hbc_json_member(schema, "required", &required)) return HB_OK;
    while (hbc_json_item(&required, &name)) {
        if (!hbc_json_string(name, key, sizeof key) || hbc_json_member(object, key, &value))
            continue;
        hbc_step_(place, hbc_text(key));
        return hbc_fail_setting(place->host, place->path, "is required");
    }
    return HB_OK;
}
static inline hb_status hbc_hold_members_(hbc_place_* place, hb_text object, hb_text schema) {
    hb_text known;
    hb_text others;
    hb_text written;
    hb_text value;
    const int lists = hbc_json_member(schema, "properties", &known);
    const int limits = hbc_json_member(schema, "additionalProperties", &others);
    while (hbc_json_next_member(&object, &written, &value)) {
        char key[HBC_PATH_MAX_];
        hb_text inner = {NULL, 0};
        hb_status status = HB_OK;
        const size_t before =
            hbc_step_(place, hbc_text_of(written.data + 1, (size_t)written.size - 2));
        const int is_known = hbc_json_string(written, key, sizeof key) && lists &&
                             hbc_json_member(known, key, &inner);
        if (is_known)
            status = hbc_hold_(place, value, inner);
        else if (limits && hbc_is(others, "false"))
            status = hbc_fail_setting(place->host, place->path, "is not known here");
        else if (limits && others.data[0] == '{')
            status = hbc_hold_(place, value, others);
        if (status != HB_OK) return status;
        hbc_step_back_(place, before);
    }
    return HB_OK;
}
static inline hb_status hbc_hold_(hbc_place_* place, hb_text value, hb_text schema) {
    hb_text items;
    hb_status status = HB_OK;
    const char* problem = hbc_problem_of_(value, schema);
    if (problem == NULL && place->depth == HBC_DEPTH_MAX_) problem = "is too deep";
    if (problem != NULL) return hbc_fail_setting(place->host, place->path, problem);
    ++place->depth;
    if (value.data[0] == '[' && hbc_json_member(schema, "items", &items))
        status = hbc_hold_items_(place, value, items);
    if (value.data[0] == '{') {
        status = hbc_hold_required_(place, value, schema);
        if (status == HB_OK) status = hbc_hold_members_(place, value, schema);
    }
    --place->depth;
    return status;
}

/* HB_OK, or HB_CONFIG with the path of the first setting that does not fit the manifest. */
static inline hb_status hbc_hold_settings_(const hb_host* host, hb_text settings,
                                           const char* manifest) {
    hbc_place_ place;
    hb_text schema;
    hb_text whole;
    memset(&place, 0, sizeof place);
    place.host = host;
    if (!hbc_json_whole(settings, &whole) || whole.data[0] != '{')
        return hbc_fail_setting(host, "", "the settings are not a JSON object");
    if (!hbc_json_member(hbc_text(manifest), "settings", &schema)) return HB_OK;
    return hbc_hold_(&place, whole, schema);
}

#endif
