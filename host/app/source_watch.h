// Learns when something usually comes from each source, keeps that over a restart, and tells once
// where one works and brings nothing. Any thread.
#pragma once

#include "base/clock.h"
#include "http/status.h"
#include "intake/rhythm.h"
#include "runtime/kv_store.h"

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace hearback::app {

class SourceWatch {
  public:
    SourceWatch(base::Clock& clock, runtime::KvStore& kv) : clock_(clock), kv_(kv) {}

    // Call about once a second.
    void look(const std::vector<intake::SourceState>& sources);
    // Adds what is known of the source: whether it is silent, and what came before the last start.
    void tellOf(http::SourceHealth& source) const;
    // Writes down what was learned; otherwise that is done every ten minutes.
    void keep();

  private:
    struct Watched {
        intake::Rhythm rhythm;
        base::Micros newest_at = 0;
        base::Micros seen_at = 0; // the last message that was noted
        bool is_silent = false;
    };

    Watched load(const std::string& source) const;

    base::Clock& clock_;
    runtime::KvStore& kv_;
    mutable std::mutex mutex_;
    std::map<std::string, Watched> sources_;
    base::Micros keep_after_ = 0; // steady
};

} // namespace hearback::app
