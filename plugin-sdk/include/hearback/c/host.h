/* The host in C11: what a call came to, the log, HTTP and the other services. */
#ifndef HEARBACK_C_HOST_H
#define HEARBACK_C_HOST_H

#include "hearback/c/wire.h"
#include "hearback/plugin/host_services.h"

#include <stdarg.h>
#include <stdio.h>

#if defined(__GNUC__)
#    define HBC_FORMAT(number) __attribute__((format(printf, number, number + 1)))
#else
#    define HBC_FORMAT(number)
#endif

/* return hbc_fail(host, HB_UNAVAILABLE, "the shop answers %d", status); The text is a sentence for
 * the operator, up to 1 KiB. Never a person's words, never a secret. */
HBC_FORMAT(3)
static inline hb_status hbc_fail(const hb_host* host, hb_status status, const char* format, ...) {
    char text[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    host->set_error(host->context, status, 0, hbc_text(text), hbc_text(""));
    return status;
}
/* A setting makes no sense: `path` is its JSON pointer, such as "/url". */
static inline hb_status hbc_fail_setting(const hb_host* host, const char* path, const char* why) {
    char detail[512];
    snprintf(detail, sizeof detail, "{\"path\":\"%s\"}", path);
    host->set_error(host->context, HB_CONFIG, 0, hbc_text(why), hbc_text(detail));
    return HB_CONFIG;
}
static inline hb_status hbc_rate_limited(const hb_host* host, int64_t retry_after_ms,
                                         const char* why) {
    host->set_error(host->context, HB_RATE_LIMITED, retry_after_ms, hbc_text(why), hbc_text(""));
    return HB_RATE_LIMITED;
}
/* One line, with a level of abi.h. */
HBC_FORMAT(3)
static inline void hbc_log(const hb_host* host, int32_t level, const char* format, ...) {
    char text[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    host->log(host->context, level, hbc_text(text));
}

/* A table of host_services.h by its id, or null where this host has none. */
static inline const void* hbc_service(const hb_host* host, const char* id) {
    return host->get_extension(host->context, hbc_text(id));
}

static inline hb_status hbc_write_(void* context, const void* data, uint64_t size) {
    hbc_buffer* buffer = (hbc_buffer*)context;
    hbc_append(buffer, data, (size_t)size);
    return buffer->failed ? HB_LIMIT : HB_OK;
}
static inline void* hbc_reserve_(void* context, uint64_t size) {
    hbc_buffer* buffer = (hbc_buffer*)context;
    static const uint8_t kZeros[256] = {0};
    const size_t before = buffer->size;
    for (; size > 0 && !buffer->failed; size -= size < sizeof kZeros ? size : sizeof kZeros)
        hbc_append(buffer, kZeros, size < sizeof kZeros ? (size_t)size : sizeof kZeros);
    return buffer->failed ? NULL : buffer->data + before;
}
/* For what writes its answer: http->send(host->context, request, &writer). */
static inline hb_writer hbc_writer(hbc_buffer* into) {
    hb_writer writer;
    memset(&writer, 0, sizeof writer);
    writer.struct_size = sizeof writer;
    writer.context = into;
    writer.write = hbc_write_;
    writer.reserve = hbc_reserve_;
    return writer;
}

typedef struct hbc_header {
    hb_text name;
    hb_text value;
} hbc_header;

/* Begin as {0}. Without a method it is GET; limits of 0 are the host's. */
typedef struct hbc_http_call {
    hb_text method;
    hb_text url;
    const hbc_header* headers;
    uint64_t header_count;
    hb_text body;
    int64_t timeout_ms;
    int64_t max_response_bytes;
} hbc_http_call;

/* Views into `all`, which hbc_free() ends. */
typedef struct hbc_http_answer {
    int32_t status;
    int64_t retry_after_ms; /* ask nothing more before; 0: nothing was said */
    hb_text body;
    hbc_buffer all;
} hbc_http_answer;

/* Any status of the other side is HB_OK here. Otherwise no answer came and the host knows the text:
 * return the status as it is. */
static inline hb_status hbc_http(const hb_host* host, const hbc_http_call* call,
                                 hbc_http_answer* answer) {
    const hb_host_http_1* http = (const hb_host_http_1*)hbc_service(host, HB_EXT_HOST_HTTP_1);
    const hb_writer into = hbc_writer(&answer->all);
    hbc_buffer request = {0};
    hbc_reader in;
    hb_status status;
    uint64_t i;
    memset(answer, 0, sizeof *answer);
    if (http == NULL) return hbc_fail(host, HB_UNSUPPORTED, "this host offers no HTTP");
    hbc_put_text(&request, 1, call->method.size > 0 ? call->method : hbc_text("GET"));
    hbc_put_text(&request, 2, call->url);
    for (i = 0; i < call->header_count; ++i) {
        const size_t header = hbc_begin(&request, 3);
        hbc_put_text(&request, 1, call->headers[i].name);
        hbc_put_text(&request, 2, call->headers[i].value);
        hbc_end(&request, header);
    }
    hbc_put_text(&request, 4, call->body);
    hbc_put_int(&request, 5, call->timeout_ms);
    hbc_put_int(&request, 6, call->max_response_bytes);
    if (request.failed) {
        hbc_free(&request);
        return hbc_fail(host, HB_INTERNAL, "no memory for an HTTP request");
    }
    status = http->send(host->context, hbc_bytes(&request), &into);
    hbc_free(&request);
    in = hbc_read(hbc_bytes(&answer->all));
    while (hbc_next(&in)) {
        if (in.field == 1) answer->status = (int32_t)in.number;
        if (in.field == 3) answer->body = hbc_get_text(&in);
        if (in.field == 6) answer->retry_after_ms = (int64_t)in.number;
    }
    if (status != HB_OK) hbc_free(&answer->all);
    return status;
}
static inline hb_status hbc_tell_answer_(const hb_host* host, const hbc_http_answer* answer,
                                         hb_status otherwise) {
    const int status = answer->status;
    char text[32];
    if (status >= 200 && status < 300) return HB_OK;
    snprintf(text, sizeof text, "HTTP status %d", status);
    if (status == 429) return hbc_rate_limited(host, answer->retry_after_ms, text);
    if (status == 401 || status == 403) return hbc_fail(host, HB_AUTH, "%s", text);
    if (status >= 500 || status == 408) return hbc_fail(host, HB_UNAVAILABLE, "%s", text);
    return hbc_fail(host, otherwise, "%s", text);
}
/* What an answer comes to, by its status: HB_OK below 300, and told to the host otherwise. */
static inline hb_status hbc_http_outcome(const hb_host* host, const hbc_http_answer* answer) {
    return hbc_tell_answer_(host, answer, HB_ITEM_INVALID);
}
/* The same for what poll() asked, where no single item is at fault. */
static inline hb_status hbc_http_poll_outcome(const hb_host* host, const hbc_http_answer* answer) {
    return hbc_tell_answer_(host, answer, HB_UNAVAILABLE);
}

#endif
