// A plugin instance in a worker process of its own (or one that it shares with others of its
// package). The process is started when it is needed and again after it has ended, with growing
// waits; one that crashes again and again is put into quarantine.
#pragma once

#include "base/backoff.h"
#include "loader/plugin_instance.h"
#include "runtime/quarantine.h"
#include "runtime/worker_process.h"

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace hearback::runtime {

struct WorkerInstanceServices {
    std::shared_ptr<loader::HostServices> host;
    Quarantine& quarantine;
    base::Clock& clock;
    base::Random& random;
    // A process that has the plugin's library loaded: a new one, or one that is shared.
    std::function<base::Result<std::shared_ptr<WorkerProcess>>()> launch;
    // Of the library, for the quarantine.
    std::string hash;
};

class WorkerInstance final : public loader::PluginInstance {
  public:
    WorkerInstance(loader::PluginManifest manifest, std::string name,
                   WorkerInstanceServices services);
    ~WorkerInstance() override;

    const std::string& name() const override { return name_; }
    const loader::PluginManifest& manifest() const override { return manifest_; }
    bool can(loader::Method method) const override;
    pipeline::Answer run(const loader::Call& call) override;
    void cancel() override;
    std::vector<pipeline::Route> routes() const override;
    void onWake(std::function<void()> wake) override;
    pipeline::Answer health() const override;

  private:
    // What is said to the outside while it is not running.
    pipeline::Answer ready(loader::Method method, std::shared_ptr<WorkerProcess>& process);
    pipeline::Answer revive();
    std::shared_ptr<WorkerProcess> currentProcess() const;
    pipeline::Answer createIn(WorkerProcess& process);
    pipeline::Answer start(const loader::Call& call, WorkerProcess& process);
    pipeline::Answer callIn(const loader::Call& call, WorkerProcess& process);
    void mourn(const std::string& cause);
    void wake() const;

    // Leads from a process, which may be shared and outlive this, to this.
    struct Link {
        std::mutex mutex;
        WorkerInstance* to = nullptr;
    };

    const loader::PluginManifest manifest_;
    const std::string name_;
    // In a worker that is shared: names are unique within a kind only.
    const std::string key_;
    WorkerInstanceServices services_;

    // Held while a process is made: a second caller waits for the first.
    std::mutex reviving_;

    mutable std::mutex mutex_;
    base::Backoff backoff_;
    base::Micros next_launch_ = 0;
    std::shared_ptr<WorkerProcess> process_;
    std::string last_cause_ = "its worker is not started yet";
    std::string settings_;
    bool is_configured_ = false;
    // In which process start() succeeded: another one has to be started first.
    const WorkerProcess* started_in_ = nullptr;
    std::set<loader::Method> abilities_;
    std::vector<pipeline::Route> routes_;
    std::function<void()> wake_;
    std::shared_ptr<Link> link_;
};

} // namespace hearback::runtime
