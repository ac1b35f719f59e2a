/* hearback.sink/1: what a sink plugin offers to hand feedback on. */
#ifndef HEARBACK_PLUGIN_SINK_H
#define HEARBACK_PLUGIN_SINK_H

#include "hearback/plugin/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HB_EXT_SINK_1 "hearback.sink/1"

typedef struct hb_sink_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Takes a hearback.v1.DeliveryBatch, writes hearback.v1.DeliveryResults. With HB_OK, what is
     * not listed was delivered; with any other status, what is not listed failed with it. After a
     * crash the same delivery comes again with the same idempotency key. [worker, running] */
    hb_status (*write)(hb_instance* instance, uint64_t batch_id, hb_bytes batch,
                       const hb_writer* results);
    /* Makes durable what write() took with HB_OK and did not name. Where it fails, that failed with
     * its status; what write() named stays as it was named. May be null. [worker, running] */
    hb_status (*flush)(hb_instance* instance, int64_t deadline_ms);
} hb_sink_1;

#ifdef __cplusplus
}
#endif
#endif
