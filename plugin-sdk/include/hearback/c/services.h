/* The host's services in C11, each as one call; HTTP is in host.h. Where this host has none it is
 * HB_UNSUPPORTED, told to the host; figures are then lost. What is written goes to the end of
 * `into`, which hbc_free() ends. */
#ifndef HEARBACK_C_SERVICES_H
#define HEARBACK_C_SERVICES_H

#include "hearback/c/host.h"

static inline hb_status hbc_lacks_(const hb_host* host, const char* what) {
    return hbc_fail(host, HB_UNSUPPORTED, "this host offers no %s", what);
}

/* The present value of a setting that is a secret. */
static inline hb_status hbc_secret(const hb_host* host, hb_text setting, hbc_buffer* into) {
    const hb_host_secrets_1* secrets =
        (const hb_host_secrets_1*)hbc_service(host, HB_EXT_HOST_SECRETS_1);
    const hb_writer writer = hbc_writer(into);
    if (secrets == NULL) return hbc_lacks_(host, "secrets");
    return secrets->get(host->context, setting, &writer);
}

/* The instance's own durable store. HB_AGAIN: there is no such key. */
static inline hb_status hbc_load(const hb_host* host, hb_text key, hbc_buffer* into) {
    const hb_host_kv_1* kv = (const hb_host_kv_1*)hbc_service(host, HB_EXT_HOST_KV_1);
    const hb_writer writer = hbc_writer(into);
    if (kv == NULL) return hbc_lacks_(host, "store of values");
    return kv->get(host->context, key, &writer);
}
static inline hb_status hbc_store(const hb_host* host, hb_text key, hb_bytes value) {
    const hb_host_kv_1* kv = (const hb_host_kv_1*)hbc_service(host, HB_EXT_HOST_KV_1);
    if (kv == NULL) return hbc_lacks_(host, "store of values");
    return kv->set(host->context, key, value);
}
static inline hb_status hbc_remove(const hb_host* host, hb_text key) {
    const hb_host_kv_1* kv = (const hb_host_kv_1*)hbc_service(host, HB_EXT_HOST_KV_1);
    if (kv == NULL) return hbc_lacks_(host, "store of values");
    return kv->remove(host->context, key);
}

static inline void hbc_count(const hb_host* host, hb_text name, double by) {
    const hb_host_metrics_1* figures =
        (const hb_host_metrics_1*)hbc_service(host, HB_EXT_HOST_METRICS_1);
    if (figures != NULL) figures->count(host->context, name, by);
}
static inline void hbc_gauge(const hb_host* host, hb_text name, double value) {
    const hb_host_metrics_1* figures =
        (const hb_host_metrics_1*)hbc_service(host, HB_EXT_HOST_METRICS_1);
    if (figures != NULL) figures->gauge(host->context, name, value);
}
static inline void hbc_timing(const hb_host* host, hb_text name, int64_t duration_us) {
    const hb_host_metrics_1* figures =
        (const hb_host_metrics_1*)hbc_service(host, HB_EXT_HOST_METRICS_1);
    if (figures != NULL) figures->timing(host->context, name, duration_us);
}

/* A wake() when now_us() will be `at_us`; of channels only. */
static inline hb_status hbc_wake_at(const hb_host* host, int64_t at_us) {
    const hb_host_scheduler_1* scheduler =
        (const hb_host_scheduler_1*)hbc_service(host, HB_EXT_HOST_SCHEDULER_1);
    if (scheduler == NULL) return hbc_lacks_(host, "scheduler");
    return scheduler->wake_at(host->context, at_us);
}

/* In start(): `handler` takes what is sent to `path` below the instance's own address. */
static inline hb_status hbc_add_route(const hb_host* host, hb_text path, hb_text methods,
                                      hb_status (*handler)(hb_instance*, hb_bytes,
                                                           const hb_writer*)) {
    const hb_host_ingress_1* ingress =
        (const hb_host_ingress_1*)hbc_service(host, HB_EXT_HOST_INGRESS_1);
    hb_route route;
    memset(&route, 0, sizeof route);
    route.struct_size = sizeof route;
    route.path = path;
    route.methods = methods;
    route.handler = handler;
    if (ingress == NULL) return hbc_lacks_(host, "requests to receive");
    return ingress->add_route(host->context, &route);
}

/* The numbers of hearback.v1.OAuthGrant. */
enum { HBC_GRANT_REFRESH_TOKEN = 1, HBC_GRANT_CLIENT_CREDENTIALS = 2 };

/* Begin as {0}; without a grant it is HBC_GRANT_REFRESH_TOKEN. */
typedef struct hbc_oauth_account {
    hb_text token_url;
    hb_text client_id;
    hb_text client_secret;
    hb_text refresh_token; /* as it was configured; the host keeps those that replace it */
    hb_text scope;
    int32_t grant;
    int32_t secret_in_body; /* for services that take no HTTP Basic */
    int32_t single_use;     /* the service takes each refresh token once */
} hbc_oauth_account;

static inline hb_status hbc_put_account_(const hb_host* host, const hbc_oauth_account* account,
                                         hbc_buffer* out) {
    hbc_put_text(out, 1, account->token_url);
    hbc_put_text(out, 2, account->client_id);
    hbc_put_text(out, 3, account->client_secret);
    hbc_put_text(out, 4, account->refresh_token);
    hbc_put_text(out, 5, account->scope);
    hbc_put_int(out, 6, account->grant == 0 ? HBC_GRANT_REFRESH_TOKEN : account->grant);
    hbc_put_int(out, 7, account->secret_in_body);
    hbc_put_int(out, 8, account->single_use);
    return out->failed ? hbc_fail(host, HB_INTERNAL, "no memory for an OAuth account") : HB_OK;
}
/* What goes behind "Bearer ". HB_AUTH: people must connect the account again. */
static inline hb_status hbc_access_token(const hb_host* host, const hbc_oauth_account* account,
                                         hbc_buffer* into) {
    const hb_host_oauth_1* oauth = (const hb_host_oauth_1*)hbc_service(host, HB_EXT_HOST_OAUTH_1);
    const hb_writer writer = hbc_writer(into);
    hbc_buffer bytes = {0};
    hb_status status;
    if (oauth == NULL) return hbc_lacks_(host, "OAuth");
    status = hbc_put_account_(host, account, &bytes);
    if (status == HB_OK) status = oauth->token(host->context, hbc_bytes(&bytes), &writer);
    hbc_free(&bytes);
    return status;
}
/* The other side answered 401 to the token that was given last: the next one is another. */
static inline hb_status hbc_token_refused(const hb_host* host, const hbc_oauth_account* account) {
    const hb_host_oauth_1* oauth = (const hb_host_oauth_1*)hbc_service(host, HB_EXT_HOST_OAUTH_1);
    hbc_buffer bytes = {0};
    hb_status status;
    if (oauth == NULL) return HB_OK;
    status = hbc_put_account_(host, account, &bytes);
    if (status == HB_OK) status = oauth->refused(host->context, hbc_bytes(&bytes));
    hbc_free(&bytes);
    return status;
}

#endif
