/* What the host offers beside its core table. Each may be absent: get_extension() is then null.
 * What is tagged worker may be called in check() and start() too. */
#ifndef HEARBACK_PLUGIN_HOST_SERVICES_H
#define HEARBACK_PLUGIN_HOST_SERVICES_H

#include "hearback/plugin/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

/* HTTP out. The host holds the connections, checks certificates and addresses, limits size and
 * time; a plugin opens no socket of its own. */
#define HB_EXT_HOST_HTTP_1 "hearback.host.http/1"
typedef struct hb_host_http_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Takes a hearback.v1.HttpRequest, writes an HttpResponse. Any status of the remote side is
     * HB_OK here. HB_UNAVAILABLE: no answer; HB_LIMIT: answer too large; HB_CONFIG: the address is
     * not allowed; HB_UNSUPPORTED: the manifest does not say that the plugin sends, or sends there;
     * HB_RATE_LIMITED: not sent, a budget has not enough left; HB_CANCELLED. The text and the time
     * to wait are then in set_error() already, and the response says only retry_after_ms and
     * may_have_arrived. [worker, plugin] */
    hb_status (*send)(hb_host_context* context, hb_bytes request, const hb_writer* response);
} hb_host_http_1;

/* HTTP in. The host listens, limits, reads the body; the plugin verifies and maps it. */
#define HB_EXT_HOST_INGRESS_1 "hearback.host.ingress/1"
typedef struct hb_route {
    uint32_t struct_size;
    uint32_t max_body_bytes; /* 0: the host's default */
    hb_text path;            /* below the instance's own address: "" or "/callback" */
    hb_text methods;         /* "POST" or "GET,POST" */
    /* Reads a hearback.v1.IngressRequest, writes an IngressReply. [worker, running] */
    hb_status (*handler)(hb_instance* instance, hb_bytes request, const hb_writer* reply);
} hb_route;
typedef struct hb_host_ingress_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* The route serves while the instance runs. HB_UNSUPPORTED where the manifest does not need
     * "ingress". [control, configured: in start()] */
    hb_status (*add_route)(hb_host_context* context, const hb_route* route);
} hb_host_ingress_1;

/* Secrets that the configuration refers to. Settings marked as secret are filled in before
 * configure(); this reads them again, after they were changed. */
#define HB_EXT_HOST_SECRETS_1 "hearback.host.secrets/1"
typedef struct hb_host_secrets_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* The present value of a setting that is a secret; HB_UNSUPPORTED for any other. [any] */
    hb_status (*get)(hb_host_context* context, hb_text setting, const hb_writer* value);
} hb_host_secrets_1;

/* A small durable store of the instance's own: keys up to 256 bytes, values up to 64 KiB, 1,000
 * keys. For what is not a checkpoint, such as a token. */
#define HB_EXT_HOST_KV_1 "hearback.host.kv/1"
typedef struct hb_host_kv_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* HB_AGAIN where there is no such key. [worker] */
    hb_status (*get)(hb_host_context* context, hb_text key, const hb_writer* value);
    /* Durable when it returns. [worker] */
    hb_status (*set)(hb_host_context* context, hb_text key, hb_bytes value);
    hb_status (*remove)(hb_host_context* context, hb_text key);
} hb_host_kv_1;

/* Figures, shown with the host's own under hearback_plugin_NAME and the instance's name. */
#define HB_EXT_HOST_METRICS_1 "hearback.host.metrics/1"
typedef struct hb_host_metrics_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Names match [a-z][a-z0-9_]{0,63}; at most 100 per instance. [any] */
    void (*count)(hb_host_context* context, hb_text name, double by);
    void (*gauge)(hb_host_context* context, hb_text name, double value);
    void (*timing)(hb_host_context* context, hb_text name, int64_t duration_us);
} hb_host_metrics_1;

/* Access tokens of OAuth 2. The host fetches, keeps and replaces them, once for all instances that
 * use the same account, and sees to it that a refresh token is used once. */
#define HB_EXT_HOST_OAUTH_1 "hearback.host.oauth/1"
typedef struct hb_host_oauth_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Takes a hearback.v1.OAuthAccount, writes the token as it goes behind "Bearer ". HB_AUTH: the
     * other side refuses the account, people must connect it again. [worker, plugin] */
    hb_status (*token)(hb_host_context* context, hb_bytes account, const hb_writer* token);
    /* The token that was given last was refused (401): the next one is another. [any] */
    hb_status (*refused)(hb_host_context* context, hb_bytes account);
} hb_host_oauth_1;

/* A wake() at a time to come. */
#define HB_EXT_HOST_SCHEDULER_1 "hearback.host.scheduler/1"
typedef struct hb_host_scheduler_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Wakes the channel when the time of day is at_us, unless it asked for an earlier time that has
     * not come yet; stop() forgets it. HB_UNSUPPORTED for what is no channel. [any] */
    hb_status (*wake_at)(hb_host_context* context, int64_t at_us);
} hb_host_scheduler_1;

/* For assertions: in which role and state the calling thread is. */
#define HB_EXT_HOST_THREAD_CHECK_1 "hearback.host.thread-check/1"
enum { HB_ROLE_NONE = 0, HB_ROLE_CONTROL = 1, HB_ROLE_WORKER = 2 };
enum {
    HB_STATE_CREATED = 0,
    HB_STATE_CONFIGURED = 1,
    HB_STATE_RUNNING = 2,
    HB_STATE_STOPPED = 3,
    HB_STATE_FAILED = 4
};
typedef struct hb_host_thread_check_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    int32_t (*role)(hb_host_context* context);  /* of this thread towards this instance [any] */
    int32_t (*state)(hb_host_context* context); /* of the instance [any] */
} hb_host_thread_check_1;

#ifdef __cplusplus
}
#endif
#endif
