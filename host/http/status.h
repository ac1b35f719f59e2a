// What runs: for the page, its JSON twin and the readiness answer.
#pragma once

#include "commit/commit.h"
#include "deliver/deliverer.h"
#include "enrich/enrich.h"
#include "intake/source_runner.h"

#include <string>
#include <vector>

namespace hearback::http {

// A source, with what is known beside its run.
struct SourceHealth {
    intake::SourceState run;
    bool is_silent = false;         // it is well and brings nothing for longer than it usually does
    base::Micros silence = 0;       // for how long, while it was well
    base::Micros token_ends_at = 0; // of its access token; 0: not known
};

struct Status {
    std::string version;
    base::Micros now = 0;
    base::Micros started_at = 0;
    std::int64_t messages = 0;
    std::int64_t search_behind = 0;
    std::int64_t pending = 0;
    std::int64_t hosts = 1; // that share the data now
    std::int64_t deliveries_waiting = 0;
    std::int64_t deliveries_unclear = 0; // a person has to look whether they arrived
    std::int64_t dead_letters = 0;
    std::int64_t queue_bytes = 0;
    commit::CommitState commit;
    std::vector<SourceHealth> sources;
    std::vector<enrich::ClassifierState> classifiers;
    std::vector<deliver::SinkState> sinks;
    std::vector<std::string> rules;
    std::string intake_address;
};

std::string toJson(const Status& status);
// A page without scripts.
std::string toHtml(const Status& status);

} // namespace hearback::http
