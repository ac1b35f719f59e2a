/* hearback.classifier/1: what a classifier plugin offers. */
#ifndef HEARBACK_PLUGIN_CLASSIFIER_H
#define HEARBACK_PLUGIN_CLASSIFIER_H

#include "hearback/plugin/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HB_EXT_CLASSIFIER_1 "hearback.classifier/1"

typedef struct hb_classifier_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Reads a hearback.v1.ClassifyRequest, writes a ClassifyResponse. The same request gives the
     * same answer. The host waits for a budget per batch; what comes later is thrown away and
     * asked again another time. [worker, running] */
    hb_status (*classify)(hb_instance* instance, hb_bytes request, const hb_writer* response);
    /* Writes a hearback.v1.LabelSet with every label that classify() can give under the present
     * settings. Null: those of the manifest. [control, configured] */
    hb_status (*labels)(hb_instance* instance, const hb_writer* label_set);
} hb_classifier_1;

#ifdef __cplusplus
}
#endif
#endif
