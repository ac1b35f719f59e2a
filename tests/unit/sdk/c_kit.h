/* Between c_kit.c and the test that calls it. */
#pragma once

#include "hearback/plugin/abi.h"

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

void c_kit_batch(const hb_writer* out);                  /* a FeedbackBatch with every field */
void c_kit_copy(hb_bytes request, const hb_writer* out); /* reads messages, writes them again */
void c_kit_labels(const hb_writer* out);                 /* a ClassifyResponse */
void c_kit_write(hb_bytes batch, const hb_writer* out);  /* a DeliveryBatch, DeliveryResults */
int c_kit_text(hb_text json, const char* name, char* into, size_t size);
int c_kit_int(hb_text json, const char* name, int64_t* into);
int c_kit_number(hb_text json, const char* name, double* into);
int c_kit_bool(hb_text json, const char* name, int* into);
size_t c_kit_items(hb_text json, const char* name, char* all, size_t size);
extern const hb_plugin_entry hearback_plugin_entry;

#ifdef __cplusplus
}
#endif
