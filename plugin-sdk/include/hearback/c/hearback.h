/* Plugins in C11. Include this one header in one source file:
 *
 *   struct hb_instance {
 *       const hb_host* host; // the first member: set when the instance is made, the rest is zero
 *       ...                  // whatever belongs to one configured instance
 *   };
 *   static hb_status configure(hb_instance* self, hb_text settings) { ... }
 *   static hb_status poll(hb_instance* self, uint64_t batch_id, ...) { ... }
 *
 *   HBC_MANIFEST({"id": "shop", "version": "1.0.0", "kind": "channel", ...})
 *   HBC_CHANNEL(.poll = poll)
 *   HBC_PLUGIN(.configure = configure)
 *
 * What a function may do, must return, and on which thread it is called stands in
 * hearback/plugin/abi.h and source.h, classifier.h, sink.h. Build it with hearback_add_plugin().
 */
#ifndef HEARBACK_C_HEARBACK_H
#define HEARBACK_C_HEARBACK_H

#include "hearback/c/host.h"
#include "hearback/c/json.h"
#include "hearback/c/kinds.h"
#include "hearback/c/life.h"
#include "hearback/c/messages.h"
#include "hearback/c/schema.h"
#include "hearback/c/services.h"
#include "hearback/c/wire.h"

/* What every instance can do. A function that is left out does nothing and is HB_OK. */
typedef struct hbc_life {
    uint32_t reserved_;
    hb_status (*configure)(hb_instance* self, hb_text settings_json);
    hb_status (*check)(hb_instance* self, const hb_writer* report);
    hb_status (*start)(hb_instance* self, hb_bytes checkpoint);
    void (*stop)(hb_instance* self); /* and once more before it is freed, started or not */
    void (*cancel)(hb_instance* self);
} hbc_life;

/* The manifest: one JSON object, as docs/worker-protocol.md shows it below "plugins", written
 * without quotes around it. */
#define HBC_MANIFEST(...) HBC_MANIFEST_(#__VA_ARGS__, HB_ABI_MAJOR, HB_ABI_MINOR, HB_SCHEMA_LEVEL)
#define HBC_MANIFEST_(object, major, minor, level) HBC_MANIFEST_TEXT_(object, major, minor, level)
#define HBC_MANIFEST_TEXT_(object, major, minor, level)                                            \
    static const char hbc_own_manifest_[] = object;                                                \
    __attribute__((section(HB_MANIFEST_SECTION), used)) static const char hbc_whole_manifest_[] =  \
        "{\"manifest\":1,\"abi\":[" #major "," #minor "],\"schema_level\":" #level                 \
        ",\"plugins\":[" object "]}";

/* The rest: the one exported symbol. Members of hbc_life; goes behind the other two. */
#define HBC_PLUGIN(...)                                                                            \
    static const hbc_life hbc_own_life_ = {.reserved_ = 0, __VA_ARGS__};                           \
    static hb_status hbc_configure_(hb_instance* self, hb_text settings) {                         \
        hb_status status;                                                                          \
        if (hbc_state_(self) == HBC_RUNS_) return hbc_refuse_(self, "configure()");                \
        status = hbc_hold_settings_(hbc_box_of_(self)->of.host, settings, hbc_own_manifest_);      \
        if (status == HB_OK && hbc_own_life_.configure)                                            \
            status = hbc_own_life_.configure(self, settings);                                      \
        hbc_set_state_(self, status == HB_OK ? HBC_CONFIGURED_ : HBC_CREATED_);                    \
        return status;                                                                             \
    }                                                                                              \
    static hb_status hbc_check_(hb_instance* self, const hb_writer* report) {                      \
        if (hbc_state_(self) == HBC_CREATED_) return hbc_refuse_(self, "check()");                 \
        return hbc_own_life_.check(self, report);                                                  \
    }                                                                                              \
    static hb_status hbc_start_(hb_instance* self, hb_bytes checkpoint) {                          \
        if (hbc_state_(self) != HBC_CONFIGURED_) return hbc_refuse_(self, "start()");              \
        return hbc_started_(self,                                                                  \
                            hbc_own_life_.start ? hbc_own_life_.start(self, checkpoint) : HB_OK);  \
    }                                                                                              \
    static hb_status hbc_stop_(hb_instance* self, int64_t deadline_ms) {                           \
        (void)deadline_ms;                                                                         \
        if (hbc_state_(self) != HBC_RUNS_) return HB_OK; /* it is stopped */                       \
        hbc_set_state_(self, HBC_CONFIGURED_);                                                     \
        if (hbc_own_life_.stop) hbc_own_life_.stop(self);                                          \
        return HB_OK;                                                                              \
    }                                                                                              \
    static void hbc_cancel_(hb_instance* self) {                                                   \
        if (hbc_own_life_.cancel && hbc_state_(self) == HBC_RUNS_) hbc_own_life_.cancel(self);     \
    }                                                                                              \
    static void hbc_destroy_(hb_instance* self) {                                                  \
        if (hbc_own_life_.stop) hbc_own_life_.stop(self);                                          \
        free(hbc_box_of_(self));                                                                   \
    }                                                                                              \
    static const void* hbc_get_extension_(hb_instance* self, hb_text id) {                         \
        return hbc_is(id, hbc_own_kind_) ? (const void*)&hbc_box_of_(self)->of.table : NULL;       \
    }                                                                                              \
    static const hb_instance_table hbc_with_check_ = {sizeof(hb_instance_table),                   \
                                                      0,                                           \
                                                      hbc_configure_,                              \
                                                      hbc_check_,                                  \
                                                      hbc_start_,                                  \
                                                      hbc_stop_,                                   \
                                                      hbc_cancel_,                                 \
                                                      hbc_destroy_,                                \
                                                      hbc_get_extension_};                         \
    static const hb_instance_table hbc_without_check_ = {sizeof(hb_instance_table),                \
                                                         0,                                        \
                                                         hbc_configure_,                           \
                                                         NULL,                                     \
                                                         hbc_start_,                               \
                                                         hbc_stop_,                                \
                                                         hbc_cancel_,                              \
                                                         hbc_destroy_,                             \
                                                         hbc_get_extension_};                      \
    static hb_status hbc_create_(const hb_host* host, hb_text plugin_id,                           \
                                 const hb_instance_table** table, hb_instance** instance) {        \
        char id[256];                                                                              \
        hbc_box_* box;                                                                             \
        if (!hbc_json_text(hbc_text(hbc_own_manifest_), "id", id, sizeof id) ||                    \
            !hbc_is(plugin_id, id))                                                                \
            return hbc_fail(host, HB_UNSUPPORTED, "this library has no such plugin");              \
        box = (hbc_box_*)calloc(1, sizeof(hbc_box_) + sizeof(hb_instance));                        \
        if (box == NULL) return hbc_fail(host, HB_INTERNAL, "no memory for an instance");          \
        box->of.host = host;                                                                       \
        hbc_fill_(box);                                                                            \
        *instance = (hb_instance*)(void*)(box + 1);                                                \
        (*instance)->host = host;                                                                  \
        *table = hbc_own_life_.check ? &hbc_with_check_ : &hbc_without_check_;                     \
        return HB_OK;                                                                              \
    }                                                                                              \
    static void hbc_descriptor_(uint32_t index, hb_text* manifest) {                               \
        *manifest = index == 0 ? hbc_text(hbc_own_manifest_) : hbc_text(NULL);                     \
    }                                                                                              \
    __attribute__((visibility("default")))                                                         \
    const hb_plugin_entry hearback_plugin_entry = {HB_ENTRY_MAGIC,  sizeof(hb_plugin_entry),       \
                                                   HB_ABI_MAJOR,    HB_ABI_MINOR,                  \
                                                   HB_SCHEMA_LEVEL, 1,                             \
                                                   hbc_descriptor_, hbc_create_};

#endif
