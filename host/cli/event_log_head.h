// What stands at the beginning of an event log: which program with which classifiers wrote it.
#pragma once

#include "base/clock.h"
#include "config/settings.h"
#include "loader/catalog.h"

#include "hearback/v1/history.pb.h"

namespace hearback::cli {

v1::EventLogHead headOf(const config::Settings& settings, const loader::Catalog& catalog,
                        base::Micros now);

} // namespace hearback::cli
