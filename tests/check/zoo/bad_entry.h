// The entry of a good channel, wrapped: what an SDK does not let an author do wrong is done here.
// Included once, behind the good entry.
#pragma once

#include "bad.h"

#include <hearback/plugin/actions.h>
#include <hearback/plugin/source.h>

#include <cstring>
#include <string>

namespace wrapped {

const hb_instance_table* good = nullptr;
const hb_host* host = nullptr;

hb_status poll(hb_instance* instance, uint64_t batch_id, uint32_t max_items, uint64_t max_bytes,
               uint32_t timeout_ms, const hb_writer* batch) {
    const auto* source =
        static_cast<const hb_source_1*>(good->get_extension(instance, {HB_EXT_SOURCE_1, 17}));
    if (bad("life/order")) return HB_OK;
    if (bad("status/legal")) return 4711;
    if (bad("status/text")) return HB_UNAVAILABLE;
    if (bad("batch/parses")) {
        batch->write(batch->context, "\xff\xff\xff", 3);
        return HB_OK;
    }
    if (bad("memory/places"))
        if (void* place = batch->reserve(batch->context, 2)) std::memcpy(place, "\x22\x00\x22", 3);
    const hb_status status =
        source->poll(instance, batch_id, max_items, max_bytes, timeout_ms, batch);
    if (bad("delivery/empty") && status == HB_AGAIN) {
        batch->write(batch->context, "\x18\x01", 2); // has_more, and nothing else
        return HB_OK;
    }
    // A full writer refuses what the good one has.
    const bool hides = bad("memory/writer-limit") && status == HB_INTERNAL;
    return hides ? HB_OK : status;
}

hb_status configure(hb_instance* instance, hb_text settings) {
    if (bad("memory/arguments")) {
        const volatile char* behind = settings.data + settings.size;
        (void)*behind;
    }
    if (bad("host/without-features") &&
        host->get_extension(host->context, {HB_EXT_HOST_METRICS_1, 23}) == nullptr)
        return HB_INTERNAL;
    const hb_status status = good->configure(instance, settings);
    return bad("settings/invalid") ? HB_OK : status;
}

const void* getExtension(hb_instance* instance, hb_text id) {
    const std::string name(id.data, id.size);
    static hb_source_1 source;
    static hb_source_1 other;
    static hb_actions_1 actions;
    actions.struct_size = sizeof actions;
    if (bad("contract/extensions") && name == HB_EXT_ACTIONS_1) return &actions;
    const bool is_source = name == HB_EXT_SOURCE_1 || (bad("contract/unknown-extension") &&
                                                       name.rfind("hearback.source", 0) == 0);
    if (!is_source) return good->get_extension(instance, id);
    source = *static_cast<const hb_source_1*>(
        good->get_extension(instance, {HB_EXT_SOURCE_1, std::strlen(HB_EXT_SOURCE_1)}));
    source.poll = bad("contract/functions") ? nullptr : poll;
    other = source;
    static int asked = 0;
    return bad("contract/same-extension") && asked++ % 2 == 1 ? &other : &source;
}

hb_status create(const hb_host* with, hb_text id, const hb_instance_table** table,
                 hb_instance** instance) {
    if (bad("host/later") && with->struct_size != sizeof(hb_host)) return HB_UNSUPPORTED;
    std::string name(id.data, id.size);
    if (bad("contract/wrong-id")) name = "bad-channel";
    const hb_status status = good_entry.create(with, {name.data(), name.size()}, table, instance);
    if (status != HB_OK) return status;
    host = with;
    good = *table;
    static hb_instance_table wrap;
    wrap = *good;
    wrap.configure = configure;
    wrap.get_extension = getExtension;
    if (bad("contract/tables")) wrap.stop = nullptr;
    *table = &wrap;
    return HB_OK;
}

} // namespace wrapped

extern "C" __attribute__((visibility("default"))) const hb_plugin_entry hearback_plugin_entry = {
    HB_ENTRY_MAGIC,        sizeof(hb_plugin_entry), HB_ABI_MAJOR, HB_ABI_MINOR, HB_SCHEMA_LEVEL, 1,
    good_entry.descriptor, wrapped::create};
