/* What a plugin does, by its kind: members of hb_source_1, hb_classifier_1, hb_sink_1. The host
 * calls them in order and with bytes that can be read, or not at all. */
#ifndef HEARBACK_C_KINDS_H
#define HEARBACK_C_KINDS_H

#include "hearback/c/life.h"

#define HBC_KIND_(type, id, ...)                                                                   \
    static const char* const hbc_own_kind_ = id;                                                   \
    static const type hbc_own_table_ = {.struct_size = sizeof(type), __VA_ARGS__};

#define HBC_CHANNEL(...)                                                                           \
    HBC_KIND_(hb_source_1, HB_EXT_SOURCE_1, __VA_ARGS__)                                           \
    static hb_status hbc_poll_(hb_instance* self, uint64_t batch_id, uint32_t max_items,           \
                               uint64_t max_bytes, uint32_t timeout_ms, const hb_writer* out) {    \
        if (hbc_state_(self) != HBC_RUNS_) return hbc_refuse_(self, "poll()");                     \
        return hbc_own_table_.poll(self, batch_id, max_items, max_bytes, timeout_ms, out);         \
    }                                                                                              \
    static hb_status hbc_ack_(hb_instance* self, uint64_t batch_id, int32_t verdict) {             \
        if (hbc_state_(self) != HBC_RUNS_) return hbc_refuse_(self, "ack()");                      \
        return hbc_own_table_.ack(self, batch_id, verdict);                                        \
    }                                                                                              \
    static hb_status hbc_decode_(hb_instance* self, hb_bytes payload, const hb_writer* out) {      \
        if (hbc_state_(self) == HBC_CREATED_) return hbc_refuse_(self, "decode()");                \
        return hbc_own_table_.decode(self, payload, out);                                          \
    }                                                                                              \
    static void hbc_fill_(hbc_box_* box) {                                                         \
        hb_source_1* table = &box->of.table.source;                                                \
        *table = hbc_own_table_;                                                                   \
        if (table->poll != NULL) table->poll = hbc_poll_;                                          \
        if (table->ack != NULL) table->ack = hbc_ack_;                                             \
        if (table->decode != NULL) table->decode = hbc_decode_;                                    \
    }

#define HBC_CLASSIFIER(...)                                                                        \
    HBC_KIND_(hb_classifier_1, HB_EXT_CLASSIFIER_1, __VA_ARGS__)                                   \
    static hb_status hbc_classify_(hb_instance* self, hb_bytes request, const hb_writer* out) {    \
        if (hbc_state_(self) != HBC_RUNS_) return hbc_refuse_(self, "classify()");                 \
        if (!hbc_is_whole_(request, 1)) return hbc_unreadable_(self);                              \
        return hbc_own_table_.classify(self, request, out);                                        \
    }                                                                                              \
    static hb_status hbc_labels_(hb_instance* self, const hb_writer* out) {                        \
        if (hbc_state_(self) == HBC_CREATED_) return hbc_refuse_(self, "labels()");                \
        return hbc_own_table_.labels(self, out);                                                   \
    }                                                                                              \
    static void hbc_fill_(hbc_box_* box) {                                                         \
        hb_classifier_1* table = &box->of.table.classifier;                                        \
        *table = hbc_own_table_;                                                                   \
        table->classify = hbc_classify_;                                                           \
        if (table->labels != NULL) table->labels = hbc_labels_;                                    \
    }

#define HBC_SINK(...)                                                                              \
    HBC_KIND_(hb_sink_1, HB_EXT_SINK_1, __VA_ARGS__)                                               \
    static hb_status hbc_write_batch_(hb_instance* self, uint64_t batch_id, hb_bytes batch,        \
                                      const hb_writer* out) {                                      \
        if (hbc_state_(self) != HBC_RUNS_) return hbc_refuse_(self, "write()");                    \
        if (!hbc_is_whole_(batch, 1)) return hbc_unreadable_(self);                                \
        return hbc_own_table_.write(self, batch_id, batch, out);                                   \
    }                                                                                              \
    static hb_status hbc_flush_(hb_instance* self, int64_t deadline_ms) {                          \
        if (hbc_state_(self) != HBC_RUNS_) return hbc_refuse_(self, "flush()");                    \
        return hbc_own_table_.flush(self, deadline_ms);                                            \
    }                                                                                              \
    static void hbc_fill_(hbc_box_* box) {                                                         \
        hb_sink_1* table = &box->of.table.sink;                                                    \
        *table = hbc_own_table_;                                                                   \
        table->write = hbc_write_batch_;                                                           \
        if (table->flush != NULL) table->flush = hbc_flush_;                                       \
    }

#endif
