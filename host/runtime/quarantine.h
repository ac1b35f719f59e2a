// Instances whose plugin crashed again and again: not started any more, until somebody releases
// them or the plugin is another one. Kept in the database, so that a restart of the host does not
// begin the circle anew. Any thread.
#pragma once

#include "base/clock.h"
#include "storage/database.h"

#include <optional>
#include <string>
#include <vector>

namespace hearback::runtime {

storage::Migration quarantineMigration();

struct QuarantinedInstance {
    std::string instance;
    std::string plugin;
    std::string hash;
    std::int64_t crashes = 0; // within the window
    base::Micros first_at = 0;
    base::Micros quarantined_at = 0; // 0: it is only counted
    bool took_host_along = false;    // it ran in the host when it crashed last
    std::string cause;
};

class Quarantine {
  public:
    static constexpr std::int64_t kCrashesMax = 3;
    static constexpr base::Micros kWindow = 10 * base::kMinute;

    // Without a database nothing is remembered: `hearback check`.
    Quarantine(storage::Database* database, base::Clock& clock)
        : database_(database), clock_(clock) {}

    // A crash; true where it was the last one that is borne.
    bool note(const std::string& instance, const std::string& plugin, const std::string& hash,
              const std::string& cause, bool took_host_along = false);
    // What is noted about an instance with this very plugin, in quarantine or not.
    std::optional<QuarantinedInstance> find(const std::string& instance,
                                            const std::string& hash) const;
    // Those in quarantine, and those that may not run in the host any more.
    base::Result<std::vector<QuarantinedInstance>> list() const;
    // Forgets what is noted; false where there is nothing.
    base::Result<bool> release(const std::string& instance);

  private:
    storage::Database* database_;
    base::Clock& clock_;
};

} // namespace hearback::runtime
