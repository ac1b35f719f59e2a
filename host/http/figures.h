// What a status says, as figures for Prometheus.
#pragma once

#include "base/metrics.h"
#include "http/status.h"

namespace hearback::http {

// Sets the gauges that are taken from what runs; the others are counted where it happens.
void showIn(base::Metrics& metrics, const Status& status);

} // namespace hearback::http
