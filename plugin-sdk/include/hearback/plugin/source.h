/* hearback.source/1: what a channel plugin offers to bring feedback in. */
#ifndef HEARBACK_PLUGIN_SOURCE_H
#define HEARBACK_PLUGIN_SOURCE_H

#include "hearback/plugin/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HB_EXT_SOURCE_1 "hearback.source/1"

enum {
    HB_VERDICT_STORED = 0,  /* messages and checkpoint are durable */
    HB_VERDICT_REJECTED = 1 /* they are not; stop() and start() from the last stored one follow */
};

/* Delivery is at least once: after a crash the host starts from the last stored checkpoint, and
 * folds what it has by (source, external_id, revision). */
typedef struct hb_source_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Writes one hearback.v1.FeedbackBatch of at most max_items messages and max_bytes bytes.
     * Waits at most timeout_ms for something to come, with HB_AGAIN and nothing written where
     * nothing does; calls of the host's services may take their own time.
     * HB_END may come with a last batch. Never called with more than "max_inflight" batches
     * unacknowledged. Null for a channel that only receives (host_services.h). [worker, running] */
    hb_status (*poll)(hb_instance* instance, uint64_t batch_id, uint32_t max_items,
                      uint64_t max_bytes, uint32_t timeout_ms, const hb_writer* batch);
    /* What became of a batch; in the order of the batches. May be null. [worker, running] */
    hb_status (*ack)(hb_instance* instance, uint64_t batch_id, int32_t verdict);
    /* Reads the payload of a Reject once more, after a mend, into a FeedbackBatch (its checkpoint
     * is ignored). May be null: then rejects cannot be replayed. [worker, configured|running] */
    hb_status (*decode)(hb_instance* instance, hb_bytes payload, const hb_writer* batch);
} hb_source_1;

#ifdef __cplusplus
}
#endif
#endif
