/* hearback.actions/1: what a channel plugin offers to act on its channel: reply, hide, like, ... */
#ifndef HEARBACK_PLUGIN_ACTIONS_H
#define HEARBACK_PLUGIN_ACTIONS_H

#include "hearback/plugin/abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define HB_EXT_ACTIONS_1 "hearback.actions/1"

typedef struct hb_actions_1 {
    uint32_t struct_size;
    uint32_t reserved_;
    /* Reads a hearback.v1.CapabilitiesRequest, writes Capabilities: what can be done on this
     * connection, or about the message in the request, and why not. Shown to people before they
     * act, so it must be quick; asks the remote side only where it cannot know otherwise.
     * [worker, running] */
    hb_status (*capabilities)(hb_instance* instance, hb_bytes request, const hb_writer* out);
    /* Does a hearback.v1.Action, writes an ActionResult. With dry_run nothing is changed at the
     * remote side. The host has asked the person, kept the delay and the limits of the capability.
     * The same idempotency_key comes again after an unclear outcome, unless the capability's
     * idempotency is NONE. HB_OK with a result; another status where it was not tried or failed for
     * now; HB_UNSUPPORTED for a kind that is not among the capabilities. [worker, running] */
    hb_status (*act)(hb_instance* instance, hb_bytes action, const hb_writer* result);
} hb_actions_1;

#ifdef __cplusplus
}
#endif
#endif
