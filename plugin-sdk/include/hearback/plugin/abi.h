/* The plugin boundary of Hearback, version 1. Plain C, needs nothing but <stdint.h>.
 *
 * A plugin is a shared library that exports one symbol, `hearback_plugin_entry`, and carries its
 * manifest (JSON) in the ELF section `.hearback.manifest`. Everything else goes through tables.
 *
 * Ownership, in three sentences. Arguments are valid during the call only. Results are handed over
 * by calling the writer that the caller passed, which copies. Tables and their strings live until
 * the process ends: a plugin is never unloaded.
 *
 * Growth. Every table begins with its size, and fields are only ever appended; a reader looks at
 * struct_size before it touches a field newer than 1.0. A change of any other kind is a new
 * extension id. Numbers that a side does not know are treated as HB_INTERNAL (status) or ignored.
 *
 * Threads. Each function carries a tag: [role, state].
 *   control  - life-cycle calls; one at a time per instance, on any thread of the host
 *   worker   - data calls; one at a time per instance unless the manifest says
 *              "max_concurrency" > 1; may move between threads from call to call
 *   plugin   - threads that the plugin started; joined when stop() returns
 *   any      - every role, at the same time as other calls; must not block
 * Control and worker calls of one instance never overlap, except cancel(). Instances are
 * independent of each other.
 *   states: created -> configured -> running -> stopped (-> configured again | destroyed)
 *
 * Text is UTF-8 with a length, never terminated. No C++ exception, longjmp or signal may cross.
 */
#ifndef HEARBACK_PLUGIN_ABI_H
#define HEARBACK_PLUGIN_ABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HB_ABI_MAJOR 1
#define HB_ABI_MINOR 0
/* The set of message fields (schemas/hearback/v1) that a side knows. */
#define HB_SCHEMA_LEVEL 1
/* "HEARBACK", little endian. */
#define HB_ENTRY_MAGIC UINT64_C(0x4b43414252414548)
#define HB_ENTRY_SYMBOL "hearback_plugin_entry"
#define HB_MANIFEST_SECTION ".hearback.manifest"

typedef struct hb_text {
    const char* data;
    uint64_t size;
} hb_text;

typedef struct hb_bytes {
    const uint8_t* data; /* null: there is none, which is not the same as empty */
    uint64_t size;
} hb_bytes;

/* What a call came to. The host acts on it as said; text goes through set_error() before. */
typedef int32_t hb_status;
enum {
    HB_OK = 0,
    HB_AGAIN = 1,        /* nothing now; the host polls again after the time-out or a wake() */
    HB_END = 2,          /* the source is exhausted; it is not polled again */
    HB_RATE_LIMITED = 3, /* the instance rests for retry_after_ms */
    HB_UNAVAILABLE = 4,  /* back-off with jitter, then start again from the last checkpoint */
    HB_AUTH = 5,         /* needs other credentials: a source stops, what a sink was given waits */
    HB_CONFIG = 6,       /* likewise; the text says which setting and why */
    HB_ITEM_INVALID = 7, /* this item can never work: dead letter; the rest goes on. Not of poll(),
                          * which puts what it cannot read among the batch's rejects */
    HB_CONFLICT = 8,     /* the remote side already has it: success */
    HB_UNSUPPORTED = 9,  /* never tried again */
    HB_CANCELLED = 10,   /* only after cancel() */
    HB_INTERNAL = 11,    /* a defect: back-off, then start again from the last checkpoint */
    HB_LIMIT = 12        /* a writer's size limit was reached */
};

/* Where a caller takes a result. Valid during the call only. [the thread that was called] */
typedef struct hb_writer {
    uint32_t struct_size;
    uint32_t reserved_;
    void* context;
    /* Appends a copy. HB_LIMIT, and nothing appended, where the caller's limit would be passed. */
    hb_status (*write)(void* context, const void* data, uint64_t size);
    /* Appends `size` bytes and returns their place, to be filled before the next call on this
     * writer; null at the limit. */
    void* (*reserve)(void* context, uint64_t size);
} hb_writer;

/* An instance of the plugin's; the host only carries the pointer. */
typedef struct hb_instance hb_instance;
/* An instance as the host sees it; the first argument of every host function. */
typedef struct hb_host_context hb_host_context;

enum { HB_LOG_DEBUG = 0, HB_LOG_INFO = 1, HB_LOG_WARNING = 2, HB_LOG_ERROR = 3 };

/* The host's core table, one per instance; valid from create() until destroy() returned. */
typedef struct hb_host {
    uint32_t struct_size;
    uint32_t abi_minor; /* of the host */
    hb_host_context* context;
    /* One line. Never a person's words, never a secret. [any] */
    void (*log)(hb_host_context* context, int32_t level, hb_text line);
    /* Called right before returning anything but HB_OK, HB_AGAIN and HB_END: a sentence for the
     * operator, and JSON detail such as {"path": "/url"} (may be empty). [any] */
    void (*set_error)(hb_host_context* context, hb_status code, int64_t retry_after_ms,
                      hb_text text, hb_text detail_json);
    /* 1 after cancel(): return soon. [any] */
    int32_t (*is_cancelled)(hb_host_context* context);
    /* Microseconds since 1970 UTC; the only clock a plugin should read. [any] */
    int64_t (*now_us)(hb_host_context* context);
    /* Something can be polled: do not wait for the time-out. [any] */
    void (*wake)(hb_host_context* context);
    /* A host extension table by id, or null where this host has none. [any] */
    const void* (*get_extension)(hb_host_context* context, hb_text id);
} hb_host;

/* What every instance can do, whatever its kind. */
typedef struct hb_instance_table {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Takes the settings: JSON that fits the manifest's schema, defaults and secrets filled in.
     * HB_CONFIG with the path of the field where they make no sense. [control, created|stopped] */
    hb_status (*configure)(hb_instance* instance, hb_text settings_json);
    /* Can it work with these settings (address, credentials)? Text for people goes to `report`;
     * leaves no trace at the remote side. May be null. [control, configured] */
    hb_status (*check)(hb_instance* instance, const hb_writer* report);
    /* Begins; `checkpoint` is what the host stored last, null for a first start. A checkpoint of
     * another version is HB_CONFIG or a safe new beginning. [control, configured|stopped] */
    hb_status (*start)(hb_instance* instance, hb_bytes checkpoint);
    /* Ends within the deadline; all threads joined, nothing called afterwards. [control, running]
     */
    hb_status (*stop)(hb_instance* instance, int64_t deadline_ms);
    /* Makes a call that is under way return soon. [any, running] */
    void (*cancel)(hb_instance* instance);
    /* Frees the instance. [control, not running] */
    void (*destroy)(hb_instance* instance);
    /* A table by extension id, or null; the same answer for the whole life. [any] */
    const void* (*get_extension)(hb_instance* instance, hb_text id);
} hb_instance_table;

/* The exported object. Data, so that magic and version are read before any function is called. */
typedef struct hb_plugin_entry {
    uint64_t magic;
    uint32_t struct_size;
    uint16_t abi_major;
    uint16_t abi_minor;
    uint32_t schema_level;
    uint32_t plugin_count;
    /* The manifest of one plugin in this library, equal to its entry in the section. [any] */
    void (*descriptor)(uint32_t index, hb_text* manifest_json);
    /* Makes an instance; HB_UNSUPPORTED for an id that is not in this library. [control] */
    hb_status (*create)(const hb_host* host, hb_text plugin_id, const hb_instance_table** table,
                        hb_instance** instance);
} hb_plugin_entry;

#ifdef __cplusplus
}
#endif
#endif
