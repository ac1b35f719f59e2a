/* The order of calls that abi.h sets, in C11: the kit keeps it for every plugin. A call that comes
 * at another time is refused, and the plugin's functions do not see it. */
#ifndef HEARBACK_C_LIFE_H
#define HEARBACK_C_LIFE_H

#include "hearback/c/host.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"

#include <stddef.h>

enum { HBC_CREATED_ = 0, HBC_CONFIGURED_ = 1, HBC_RUNS_ = 2 };

/* Lies before the plugin's own hb_instance, in one piece of memory with it. */
typedef union hbc_box_ {
    struct {
        const hb_host* host;
        int32_t state; /* calls on other threads read it */
        union {
            hb_source_1 source;
            hb_classifier_1 classifier;
            hb_sink_1 sink;
        } table;
    } of;
    max_align_t alignment_;
} hbc_box_;

static inline hbc_box_* hbc_box_of_(hb_instance* self) { return (hbc_box_*)(void*)self - 1; }
static inline int32_t hbc_state_(hb_instance* self) {
    return __atomic_load_n(&hbc_box_of_(self)->of.state, __ATOMIC_ACQUIRE);
}
static inline void hbc_set_state_(hb_instance* self, int32_t state) {
    __atomic_store_n(&hbc_box_of_(self)->of.state, state, __ATOMIC_RELEASE);
}
/* What every function returns that is called out of its order. */
static inline hb_status hbc_refuse_(hb_instance* self, const char* function) {
    return hbc_fail(hbc_box_of_(self)->of.host, HB_INTERNAL, "%s came out of its order", function);
}
/* After start(), which leaves less than it found where it fails. */
static inline hb_status hbc_started_(hb_instance* self, hb_status status) {
    hbc_set_state_(self, status == HB_OK ? HBC_RUNS_ : HBC_CONFIGURED_);
    return status;
}

/* Whether a request or a batch of deliveries can be read, with the messages in it. */
static inline int hbc_is_whole_(hb_bytes bytes, int depth) {
    hbc_reader in = hbc_read(bytes);
    while (hbc_next(&in))
        if (depth > 0 && in.field == 1 && in.type == 2 && !hbc_is_whole_(in.bytes, depth - 1))
            return 0;
    return !in.broken;
}
static inline hb_status hbc_unreadable_(hb_instance* self) {
    return hbc_fail(hbc_box_of_(self)->of.host, HB_INTERNAL, "bytes that cannot be read");
}

#endif
