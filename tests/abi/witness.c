/* One object for each public struct of the boundary, so that debug information reaches all of them:
 * tables travel as pointers to void, behind which no tool looks. Compared with the baseline by
 * scripts/check-abi, which also refuses a struct without a witness. */
#include "hearback/plugin/abi.h"
#include "hearback/plugin/actions.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/host_services.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"

#define WITNESS(type) type witness_of_##type

WITNESS(hb_status);
WITNESS(hb_text);
WITNESS(hb_bytes);
WITNESS(hb_writer);
WITNESS(hb_host);
WITNESS(hb_instance_table);
WITNESS(hb_plugin_entry);
WITNESS(hb_source_1);
WITNESS(hb_classifier_1);
WITNESS(hb_sink_1);
WITNESS(hb_actions_1);
WITNESS(hb_host_http_1);
WITNESS(hb_route);
WITNESS(hb_host_ingress_1);
WITNESS(hb_host_secrets_1);
WITNESS(hb_host_kv_1);
WITNESS(hb_host_metrics_1);
WITNESS(hb_host_thread_check_1);
WITNESS(hb_host_oauth_1);
WITNESS(hb_host_scheduler_1);
