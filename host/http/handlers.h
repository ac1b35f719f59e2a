// What the two servers answer. The operator's: a page, health, readiness, metrics. The public one:
// requests for channels, and nothing else.
#pragma once

#include "base/metrics.h"
#include "http/messages.h"
#include "http/status.h"
#include "intake/ingress.h"

#include <functional>

namespace hearback::http {

// GET /         the page         GET /healthz  the process lives
// GET /metrics  for Prometheus   GET /readyz   it takes and stores messages, else 503
// GET /api/v1/status             the page as JSON
Handler operatorHandler(std::function<Status()> status, base::Metrics& metrics);

// ANY /in/SOURCE[/PATH]          what the channel SOURCE receives
Handler intakeHandler(intake::Ingress& ingress, base::Clock& clock);
BodyLimit intakeBodyLimit(intake::Ingress& ingress);

} // namespace hearback::http
