#include "runtime/worker_pool.h"

namespace hearback::runtime {

base::Result<std::shared_ptr<WorkerProcess>> WorkerPool::launch(const WorkerOptions& options) {
    std::vector<std::string> words = {worker_.string(), "--memory-mib",
                                      std::to_string(options.memory_mib), "--files",
                                      std::to_string(options.files)};
    if (options.sockets) words.emplace_back("--sockets");
    if (options.any_system_call) words.emplace_back("--any-system-call");
    if (options.program.empty()) {
        words.emplace_back("--plugin");
        words.push_back("/proc/self/fd/" + std::to_string(Spawner::kLibraryInChild));
    } else {
        words.emplace_back("--program");
        words.insert(words.end(), options.program.begin(), options.program.end());
    }
    WorkerLimits limits = limits_;
    limits.cpu_per_minute = options.cpu_per_minute;
    const int library = options.library ? options.library->descriptor() : -1;
    return WorkerProcess::launch(spawner_, words, library, options.what, limits, clock_);
}

base::Result<std::shared_ptr<WorkerProcess>> WorkerPool::share(const std::string& key,
                                                               const WorkerOptions& options) {
    const std::lock_guard lock(mutex_);
    if (auto process = shared_[key].lock(); process && process->isAlive()) return process;
    auto launched = launch(options);
    if (launched) shared_[key] = *launched;
    return launched;
}

} // namespace hearback::runtime
