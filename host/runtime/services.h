// What instances need from the rest of the host. One set for all of them.
#pragma once

#include "base/clock.h"
#include "base/metrics.h"
#include "base/random.h"
#include "egress/http_client.h"
#include "runtime/kv_store.h"
#include "runtime/quarantine.h"
#include "runtime/upgrade_notes.h"
#include "runtime/worker_pool.h"

#include <filesystem>

namespace hearback::runtime {

struct Services {
    base::Clock& clock;
    base::Random& random;
    base::Metrics& metrics;
    egress::HttpClient& http;
    Quarantine& quarantine;
    UpgradeNotes& upgrades;
    WorkerPool& workers;
    KvStore* kv = nullptr; // null: no database is open, `hearback check`
    // What file: references to secrets are relative to.
    std::filesystem::path config_folder;
};

} // namespace hearback::runtime
