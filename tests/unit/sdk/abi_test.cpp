// The layout of the boundary. Plugins in the field were compiled with these numbers: a line here is
// never changed, new fields get new lines at the end of their struct.
#include "hearback/plugin/abi.h"
#include "hearback/plugin/actions.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/host_services.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"

#include <catch2/catch.hpp>

#include <cstddef>
#include <string_view>

static_assert(sizeof(void*) == 8, "the layout is locked for 64-bit machines");

#define SIZE(type, size) static_assert(sizeof(type) == (size))
#define FIELD(type, field, offset) static_assert(offsetof(type, field) == (offset))

SIZE(hb_actions_1, 24);
FIELD(hb_actions_1, struct_size, 0);
FIELD(hb_actions_1, reserved_, 4);
FIELD(hb_actions_1, capabilities, 8);
FIELD(hb_actions_1, act, 16);

SIZE(hb_status, 4);

SIZE(hb_text, 16);
FIELD(hb_text, data, 0);
FIELD(hb_text, size, 8);

SIZE(hb_bytes, 16);
FIELD(hb_bytes, data, 0);
FIELD(hb_bytes, size, 8);

SIZE(hb_writer, 32);
FIELD(hb_writer, struct_size, 0);
FIELD(hb_writer, reserved_, 4);
FIELD(hb_writer, context, 8);
FIELD(hb_writer, write, 16);
FIELD(hb_writer, reserve, 24);

SIZE(hb_host, 64);
FIELD(hb_host, struct_size, 0);
FIELD(hb_host, abi_minor, 4);
FIELD(hb_host, context, 8);
FIELD(hb_host, log, 16);
FIELD(hb_host, set_error, 24);
FIELD(hb_host, is_cancelled, 32);
FIELD(hb_host, now_us, 40);
FIELD(hb_host, wake, 48);
FIELD(hb_host, get_extension, 56);

SIZE(hb_instance_table, 64);
FIELD(hb_instance_table, struct_size, 0);
FIELD(hb_instance_table, reserved_, 4);
FIELD(hb_instance_table, configure, 8);
FIELD(hb_instance_table, check, 16);
FIELD(hb_instance_table, start, 24);
FIELD(hb_instance_table, stop, 32);
FIELD(hb_instance_table, cancel, 40);
FIELD(hb_instance_table, destroy, 48);
FIELD(hb_instance_table, get_extension, 56);

SIZE(hb_plugin_entry, 40);
FIELD(hb_plugin_entry, magic, 0);
FIELD(hb_plugin_entry, struct_size, 8);
FIELD(hb_plugin_entry, abi_major, 12);
FIELD(hb_plugin_entry, abi_minor, 14);
FIELD(hb_plugin_entry, schema_level, 16);
FIELD(hb_plugin_entry, plugin_count, 20);
FIELD(hb_plugin_entry, descriptor, 24);
FIELD(hb_plugin_entry, create, 32);

SIZE(hb_source_1, 32);
FIELD(hb_source_1, struct_size, 0);
FIELD(hb_source_1, reserved_, 4);
FIELD(hb_source_1, poll, 8);
FIELD(hb_source_1, ack, 16);
FIELD(hb_source_1, decode, 24);

SIZE(hb_classifier_1, 24);
FIELD(hb_classifier_1, struct_size, 0);
FIELD(hb_classifier_1, reserved_, 4);
FIELD(hb_classifier_1, classify, 8);
FIELD(hb_classifier_1, labels, 16);

SIZE(hb_sink_1, 24);
FIELD(hb_sink_1, struct_size, 0);
FIELD(hb_sink_1, reserved_, 4);
FIELD(hb_sink_1, write, 8);
FIELD(hb_sink_1, flush, 16);

SIZE(hb_host_http_1, 16);
FIELD(hb_host_http_1, struct_size, 0);
FIELD(hb_host_http_1, reserved_, 4);
FIELD(hb_host_http_1, send, 8);

SIZE(hb_route, 48);
FIELD(hb_route, struct_size, 0);
FIELD(hb_route, max_body_bytes, 4);
FIELD(hb_route, path, 8);
FIELD(hb_route, methods, 24);
FIELD(hb_route, handler, 40);

SIZE(hb_host_ingress_1, 16);
FIELD(hb_host_ingress_1, struct_size, 0);
FIELD(hb_host_ingress_1, reserved_, 4);
FIELD(hb_host_ingress_1, add_route, 8);

SIZE(hb_host_secrets_1, 16);
FIELD(hb_host_secrets_1, struct_size, 0);
FIELD(hb_host_secrets_1, reserved_, 4);
FIELD(hb_host_secrets_1, get, 8);

SIZE(hb_host_kv_1, 32);
FIELD(hb_host_kv_1, struct_size, 0);
FIELD(hb_host_kv_1, reserved_, 4);
FIELD(hb_host_kv_1, get, 8);
FIELD(hb_host_kv_1, set, 16);
FIELD(hb_host_kv_1, remove, 24);

SIZE(hb_host_metrics_1, 32);
FIELD(hb_host_metrics_1, struct_size, 0);
FIELD(hb_host_metrics_1, reserved_, 4);
FIELD(hb_host_metrics_1, count, 8);
FIELD(hb_host_metrics_1, gauge, 16);
FIELD(hb_host_metrics_1, timing, 24);

SIZE(hb_host_thread_check_1, 24);
FIELD(hb_host_thread_check_1, struct_size, 0);
FIELD(hb_host_thread_check_1, reserved_, 4);
FIELD(hb_host_thread_check_1, role, 8);
FIELD(hb_host_thread_check_1, state, 16);

SIZE(hb_host_oauth_1, 24);
FIELD(hb_host_oauth_1, struct_size, 0);
FIELD(hb_host_oauth_1, reserved_, 4);
FIELD(hb_host_oauth_1, token, 8);
FIELD(hb_host_oauth_1, refused, 16);

SIZE(hb_host_scheduler_1, 16);
FIELD(hb_host_scheduler_1, struct_size, 0);
FIELD(hb_host_scheduler_1, reserved_, 4);
FIELD(hb_host_scheduler_1, wake_at, 8);

#undef SIZE
#undef FIELD

// Every function as it is called, parameter by parameter.
template <class Declared, class Locked>
constexpr bool kSame = std::is_same_v<Declared, Locked>;
#define FUNCTION(type, field, ...) static_assert(kSame<decltype(type::field), __VA_ARGS__>)

FUNCTION(hb_writer, write, hb_status (*)(void*, const void*, uint64_t));
FUNCTION(hb_writer, reserve, void* (*)(void*, uint64_t));
FUNCTION(hb_host, log, void (*)(hb_host_context*, int32_t, hb_text));
FUNCTION(hb_host, set_error, void (*)(hb_host_context*, hb_status, int64_t, hb_text, hb_text));
FUNCTION(hb_host, is_cancelled, int32_t (*)(hb_host_context*));
FUNCTION(hb_host, now_us, int64_t (*)(hb_host_context*));
FUNCTION(hb_host, wake, void (*)(hb_host_context*));
FUNCTION(hb_host, get_extension, const void* (*)(hb_host_context*, hb_text));
FUNCTION(hb_instance_table, configure, hb_status (*)(hb_instance*, hb_text));
FUNCTION(hb_instance_table, check, hb_status (*)(hb_instance*, const hb_writer*));
FUNCTION(hb_instance_table, start, hb_status (*)(hb_instance*, hb_bytes));
FUNCTION(hb_instance_table, stop, hb_status (*)(hb_instance*, int64_t));
FUNCTION(hb_instance_table, cancel, void (*)(hb_instance*));
FUNCTION(hb_instance_table, destroy, void (*)(hb_instance*));
FUNCTION(hb_instance_table, get_extension, const void* (*)(hb_instance*, hb_text));
FUNCTION(hb_plugin_entry, descriptor, void (*)(uint32_t, hb_text*));
FUNCTION(hb_plugin_entry, create,
         hb_status (*)(const hb_host*, hb_text, const hb_instance_table**, hb_instance**));
FUNCTION(hb_source_1, poll,
         hb_status (*)(hb_instance*, uint64_t, uint32_t, uint64_t, uint32_t, const hb_writer*));
FUNCTION(hb_source_1, ack, hb_status (*)(hb_instance*, uint64_t, int32_t));
FUNCTION(hb_source_1, decode, hb_status (*)(hb_instance*, hb_bytes, const hb_writer*));
FUNCTION(hb_classifier_1, classify, hb_status (*)(hb_instance*, hb_bytes, const hb_writer*));
FUNCTION(hb_classifier_1, labels, hb_status (*)(hb_instance*, const hb_writer*));
FUNCTION(hb_sink_1, write, hb_status (*)(hb_instance*, uint64_t, hb_bytes, const hb_writer*));
FUNCTION(hb_sink_1, flush, hb_status (*)(hb_instance*, int64_t));
FUNCTION(hb_host_http_1, send, hb_status (*)(hb_host_context*, hb_bytes, const hb_writer*));
FUNCTION(hb_route, handler, hb_status (*)(hb_instance*, hb_bytes, const hb_writer*));
FUNCTION(hb_host_ingress_1, add_route, hb_status (*)(hb_host_context*, const hb_route*));
FUNCTION(hb_host_secrets_1, get, hb_status (*)(hb_host_context*, hb_text, const hb_writer*));
FUNCTION(hb_host_kv_1, get, hb_status (*)(hb_host_context*, hb_text, const hb_writer*));
FUNCTION(hb_host_kv_1, set, hb_status (*)(hb_host_context*, hb_text, hb_bytes));
FUNCTION(hb_host_kv_1, remove, hb_status (*)(hb_host_context*, hb_text));
FUNCTION(hb_host_metrics_1, count, void (*)(hb_host_context*, hb_text, double));
FUNCTION(hb_host_metrics_1, gauge, void (*)(hb_host_context*, hb_text, double));
FUNCTION(hb_host_metrics_1, timing, void (*)(hb_host_context*, hb_text, int64_t));
FUNCTION(hb_host_thread_check_1, role, int32_t (*)(hb_host_context*));
FUNCTION(hb_host_thread_check_1, state, int32_t (*)(hb_host_context*));
FUNCTION(hb_host_oauth_1, token, hb_status (*)(hb_host_context*, hb_bytes, const hb_writer*));
FUNCTION(hb_host_oauth_1, refused, hb_status (*)(hb_host_context*, hb_bytes));
FUNCTION(hb_host_scheduler_1, wake_at, hb_status (*)(hb_host_context*, int64_t));
#undef FUNCTION

TEST_CASE("the names and numbers of the boundary never change", "[sdk]") {
    CHECK(HB_ABI_MAJOR == 1);
    CHECK(HB_ENTRY_MAGIC == 0x4b43414252414548);
    CHECK(std::string_view(HB_ENTRY_SYMBOL) == "hearback_plugin_entry");
    CHECK(std::string_view(HB_MANIFEST_SECTION) == ".hearback.manifest");
    CHECK(std::string_view(HB_EXT_SOURCE_1) == "hearback.source/1");
    CHECK(std::string_view(HB_EXT_CLASSIFIER_1) == "hearback.classifier/1");
    CHECK(std::string_view(HB_EXT_SINK_1) == "hearback.sink/1");
    CHECK(std::string_view(HB_EXT_ACTIONS_1) == "hearback.actions/1");
    CHECK(std::string_view(HB_EXT_HOST_HTTP_1) == "hearback.host.http/1");
    CHECK(std::string_view(HB_EXT_HOST_INGRESS_1) == "hearback.host.ingress/1");
    CHECK(std::string_view(HB_EXT_HOST_SECRETS_1) == "hearback.host.secrets/1");
    CHECK(std::string_view(HB_EXT_HOST_KV_1) == "hearback.host.kv/1");
    CHECK(std::string_view(HB_EXT_HOST_METRICS_1) == "hearback.host.metrics/1");
    CHECK(std::string_view(HB_EXT_HOST_THREAD_CHECK_1) == "hearback.host.thread-check/1");
    CHECK(std::string_view(HB_EXT_HOST_OAUTH_1) == "hearback.host.oauth/1");
    CHECK(std::string_view(HB_EXT_HOST_SCHEDULER_1) == "hearback.host.scheduler/1");
    const int statuses[] = {HB_OK,          HB_AGAIN,       HB_END,       HB_RATE_LIMITED,
                            HB_UNAVAILABLE, HB_AUTH,        HB_CONFIG,    HB_ITEM_INVALID,
                            HB_CONFLICT,    HB_UNSUPPORTED, HB_CANCELLED, HB_INTERNAL,
                            HB_LIMIT};
    for (int i = 0; i < 13; ++i) CHECK(statuses[i] == i);
    const int levels[] = {HB_LOG_DEBUG, HB_LOG_INFO, HB_LOG_WARNING, HB_LOG_ERROR};
    for (int i = 0; i < 4; ++i) CHECK(levels[i] == i);
    CHECK(HB_VERDICT_STORED == 0);
    CHECK(HB_VERDICT_REJECTED == 1);
    const int roles[] = {HB_ROLE_NONE, HB_ROLE_CONTROL, HB_ROLE_WORKER};
    for (int i = 0; i < 3; ++i) CHECK(roles[i] == i);
    const int states[] = {HB_STATE_CREATED, HB_STATE_CONFIGURED, HB_STATE_RUNNING, HB_STATE_STOPPED,
                          HB_STATE_FAILED};
    for (int i = 0; i < 5; ++i) CHECK(states[i] == i);
}
