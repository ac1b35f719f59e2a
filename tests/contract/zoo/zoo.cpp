// Plugins that are wrong in one way each, written against the C tables alone. Compiled once for
// each value of ZOO; the tests say what the host must do with it.
#include <hearback/plugin/classifier.h>
#include <hearback/plugin/host_services.h>
#include <hearback/plugin/sink.h>
#include <hearback/plugin/source.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

#define ZOO_GOOD 0
#define ZOO_WRONG_MAGIC 1
#define ZOO_SHORT_ENTRY 2
#define ZOO_OTHER_ABI 3
#define ZOO_COUNT_MISMATCH 4
#define ZOO_DESCRIPTOR_MISMATCH 5
#define ZOO_NO_MANIFEST 6
#define ZOO_NULL_TABLE 7
#define ZOO_CREATE_FAILS 8
#define ZOO_THROWS 9
#define ZOO_HANGS_IN_CONFIGURE 10
#define ZOO_GARBAGE_BATCH 11
#define ZOO_UNKNOWN_STATUS 12
#define ZOO_NO_TEXT 13
#define ZOO_TOO_MUCH 14
#define ZOO_UNRESOLVED 15
#define ZOO_MANIFEST_NO_JSON 16
#define ZOO_NO_EXTENSION 17
#define ZOO_SLEEPS 18
#define ZOO_WRONG_THREAD 19
#define ZOO_MANIFEST_ABI 20
#define ZOO_NEEDS_NOWHERE 21
#define ZOO_SAME_SYMBOLS 22
#define ZOO_CHANGES_ITS_MIND 23
#define ZOO_BAD_TEXT 24
#define ZOO_HUGE_TEXT 25
#define ZOO_AFTER_THE_END 26

#if ZOO == ZOO_MANIFEST_ABI
#    define ABI_TEXT "[2,0]"
#else
#    define ABI_TEXT "[1,0]"
#endif

#define DESCRIPTOR                                                                                 \
    "{\"id\":\"zoo\",\"version\":\"1\",\"kind\":\"channel\",\"summary\":\"\",\"licence\":\"\","    \
    "\"extensions\":[\"hearback.source/1\"],\"needs\":[],\"max_inflight\":1,"                      \
    "\"max_concurrency\":1,\"settings\":{\"type\":\"object\",\"properties\":{}}}"
#define MANIFEST                                                                                   \
    "{\"manifest\":1,\"abi\":" ABI_TEXT ",\"schema_level\":1,\"plugins\":[" DESCRIPTOR "]}"

#if ZOO == ZOO_MANIFEST_NO_JSON
__attribute__((section(HB_MANIFEST_SECTION), used)) static const char kManifest[] = "{broken";
#elif ZOO != ZOO_NO_MANIFEST
__attribute__((section(HB_MANIFEST_SECTION), used)) static const char kManifest[] = MANIFEST;
#endif

#if ZOO == ZOO_UNRESOLVED
extern "C" void hearback_zoo_function_that_does_not_exist();
#endif

struct hb_instance {
    const hb_host* host;
};

#if ZOO == ZOO_NEEDS_NOWHERE
extern "C" void hearback_nowhere();
#elif ZOO == ZOO_SAME_SYMBOLS
// Names that the host, libraries of its and the C library have, with other meanings.
extern "C" __attribute__((visibility("default"))) int sqlite3_open(const char*, void**) {
    std::abort();
}
extern "C" __attribute__((visibility("default"))) void* hearback_zoo_malloc(std::size_t) {
    std::abort();
}
namespace hearback::base {
__attribute__((visibility("default"))) void logError() { std::abort(); }
} // namespace hearback::base
namespace Poco {
__attribute__((visibility("default"))) int counter = 7;
} // namespace Poco
#endif

namespace {

hb_text text(const char* words) { return {words, std::strlen(words)}; }

void describe(uint32_t, hb_text* out) {
#if ZOO == ZOO_DESCRIPTOR_MISMATCH
    *out = text("{\"id\":\"other\"}");
#else
    *out = text(DESCRIPTOR);
#endif
}

hb_status configure(hb_instance*, hb_text) {
#if ZOO == ZOO_HANGS_IN_CONFIGURE
    std::this_thread::sleep_for(std::chrono::hours(1));
#endif
    return HB_OK;
}
hb_status start(hb_instance*, hb_bytes) { return HB_OK; }
hb_status stop(hb_instance*, int64_t) { return HB_OK; }
void cancel(hb_instance*) {}
void destroy(hb_instance* instance) { delete instance; }

hb_status poll(hb_instance* instance, uint64_t, uint32_t, uint64_t, uint32_t,
               const hb_writer* out) {
    (void)instance;
    (void)out;
#if ZOO == ZOO_THROWS
    throw std::runtime_error("thrown across the boundary");
#elif ZOO == ZOO_GARBAGE_BATCH
    out->write(out->context, "\xff\xff\xff\xff", 4);
    return HB_OK;
#elif ZOO == ZOO_UNKNOWN_STATUS
    return 4711;
#elif ZOO == ZOO_NO_TEXT
    return HB_UNAVAILABLE;
#elif ZOO == ZOO_BAD_TEXT
    const hb_text bad{"caf\xe9 \x1b[31m\0 and on", 18};
    instance->host->set_error(instance->host->context, HB_UNAVAILABLE, 0, bad, bad);
    return HB_UNAVAILABLE;
#elif ZOO == ZOO_HUGE_TEXT
    static const std::string kHuge(100 << 20, 'x');
    instance->host->set_error(instance->host->context, HB_UNAVAILABLE, 0,
                              {kHuge.data(), kHuge.size()}, text(""));
    return HB_UNAVAILABLE;
#elif ZOO == ZOO_AFTER_THE_END
    // A writer is good for one call: here it is used after that.
    static hb_writer kept;
    if (kept.write != nullptr) {
        const hb_status status = kept.write(kept.context, "x", 1);
        if (status == HB_OK) std::abort();
        return HB_END;
    }
    kept = *out;
    return HB_OK;
#elif ZOO == ZOO_NEEDS_NOWHERE
    hearback_nowhere();
    return HB_END;
#elif ZOO == ZOO_TOO_MUCH
    static const std::string kMuch(1 << 20, 'x');
    hb_status status = HB_OK;
    for (int i = 0; i < 64 && status == HB_OK; ++i)
        status = out->write(out->context, kMuch.data(), kMuch.size());
    return status;
#elif ZOO == ZOO_SLEEPS
    std::this_thread::sleep_for(std::chrono::hours(1));
    return HB_AGAIN;
#elif ZOO == ZOO_WRONG_THREAD
    // The store may be used within a call only, not on a thread of the plugin's own.
    hb_status status = HB_OK;
    std::thread([&] {
        const auto* host = instance->host;
        const auto* kv = static_cast<const hb_host_kv_1*>(
            host->get_extension(host->context, text(HB_EXT_HOST_KV_1)));
        status = kv->set(host->context, text("key"), {nullptr, 0});
    }).join();
    return status;
#elif ZOO == ZOO_UNRESOLVED
    hearback_zoo_function_that_does_not_exist();
    return HB_OK;
#else
    return HB_END;
#endif
}

const void* getExtension(hb_instance*, hb_text id) {
#if ZOO == ZOO_NO_EXTENSION
    (void)id;
    return nullptr;
#elif ZOO == ZOO_CHANGES_ITS_MIND
    // Another answer each time; the host asks once.
    static int asked = 0;
    static const hb_source_1 kSource{sizeof(hb_source_1), 0, poll, nullptr, nullptr};
    if (std::string(id.data, id.size) != HB_EXT_SOURCE_1) return nullptr;
    return asked++ % 2 == 0 ? &kSource : nullptr;
#else
    static const hb_source_1 kSource{sizeof(hb_source_1), 0, poll, nullptr, nullptr};
    return std::string(id.data, id.size) == HB_EXT_SOURCE_1 ? &kSource : nullptr;
#endif
}

hb_status create(const hb_host* host, hb_text, const hb_instance_table** table,
                 hb_instance** instance) {
#if ZOO == ZOO_CREATE_FAILS
    host->set_error(host->context, HB_INTERNAL, 0, text("out of luck"), text(""));
    return HB_INTERNAL;
#elif ZOO == ZOO_NULL_TABLE
    (void)host;
    *table = nullptr;
    *instance = nullptr;
    return HB_OK;
#else
    static const hb_instance_table kTable{sizeof(hb_instance_table),
                                          0,
                                          configure,
                                          nullptr,
                                          start,
                                          stop,
                                          cancel,
                                          destroy,
                                          getExtension};
    *table = &kTable;
    *instance = new hb_instance{host};
    return HB_OK;
#endif
}

} // namespace

extern "C" __attribute__((visibility("default"))) const hb_plugin_entry hearback_plugin_entry = {
    ZOO == ZOO_WRONG_MAGIC ? UINT64_C(1) : HB_ENTRY_MAGIC,
    ZOO == ZOO_SHORT_ENTRY ? 8 : static_cast<uint32_t>(sizeof(hb_plugin_entry)),
    ZOO == ZOO_OTHER_ABI ? 2 : HB_ABI_MAJOR,
    HB_ABI_MINOR,
    HB_SCHEMA_LEVEL,
    ZOO == ZOO_COUNT_MISMATCH ? 7u : 1u,
    describe,
    create};
