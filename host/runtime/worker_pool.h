// Makes worker processes: for one instance each, or one for all instances of a library. Any thread.
#pragma once

#include "loader/sealed_copy.h"
#include "runtime/spawner.h"
#include "runtime/worker_process.h"

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace hearback::runtime {

struct WorkerOptions {
    std::string what; // the plugin, for messages
    // What the worker loads; or, where there is a program, what is run instead.
    std::shared_ptr<loader::SealedCopy> library;
    std::vector<std::string> program;
    std::int64_t memory_mib = 1024; // of address space; 0: no limit
    std::int64_t files = 256;
    base::Micros cpu_per_minute = 0;
    bool sockets = false;         // its manifest needs them
    bool any_system_call = false; // do not filter system calls
};

class WorkerPool {
  public:
    // `worker`: the program hearback-worker. `limits`: of each, but for its processor time.
    WorkerPool(std::filesystem::path worker, base::Clock& clock, const WorkerLimits& limits = {})
        : worker_(std::move(worker)), clock_(clock), limits_(limits) {}

    base::Result<std::shared_ptr<WorkerProcess>> launch(const WorkerOptions& options);
    // The process that `key` has already, or a new one.
    base::Result<std::shared_ptr<WorkerProcess>> share(const std::string& key,
                                                       const WorkerOptions& options);

  private:
    const std::filesystem::path worker_;
    base::Clock& clock_;
    const WorkerLimits limits_;
    Spawner spawner_;
    std::mutex mutex_;
    std::map<std::string, std::weak_ptr<WorkerProcess>> shared_;
};

} // namespace hearback::runtime
