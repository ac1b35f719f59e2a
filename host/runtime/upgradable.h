// A configured plugin whose version can be replaced while it is in use. A new version takes over
// where nothing of the instance is under way: a channel's when its runner starts it again from its
// checkpoint, a classifier's or a sink's between two calls. The old one stays at hand for a trial
// time, and takes over again where the new one fails.
#pragma once

#include "base/clock.h"
#include "loader/plugin_instance.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hearback::runtime {

// An instance with the hash of what it was made from.
struct Version {
    std::shared_ptr<loader::PluginInstance> instance;
    std::string hash;
};

enum class UpgradeStep {
    TookOver,  // the new version runs, on trial
    Kept,      // it passed its trial
    RolledBack // it failed: the old one runs
};

class Upgradable final : public loader::PluginInstance {
  public:
    static constexpr base::Micros kTrial = base::kMinute;
    // Told of each step, with what went wrong; on whatever thread calls the plugin.
    using Tell = std::function<void(UpgradeStep step, const std::string& why)>;

    Upgradable(Version first, base::Clock& clock);

    // The next version, configured and checked; of the same plugin id, kind, task and needs. One
    // that still waits to take over is dropped for it.
    void offer(Version next, Tell tell);
    // Of the version that was offered last, or else of the one that runs.
    std::string newestHash() const;
    // As its manifest says, of the one that runs.
    std::string version() const { return running()->manifest().version; }

    // What does not change with the version: id, kind, task, needs.
    const std::string& name() const override { return name_; }
    const loader::PluginManifest& manifest() const override { return manifest_; }

    std::size_t maxInflight() const override { return running()->maxInflight(); }
    bool can(loader::Method method) const override { return running()->can(method); }
    pipeline::Answer run(const loader::Call& call) override;
    void cancel() override { running()->cancel(); }
    std::vector<pipeline::Route> routes() const override { return running()->routes(); }
    void onWake(std::function<void()> wake) override;
    pipeline::Answer health() const override { return running()->health(); }

  private:
    using Checkpoint = std::optional<std::string>;
    // A version on trial, and what is needed to go back.
    struct Trial {
        Version old;
        base::Micros ends_at = 0;
        Checkpoint checkpoint; // where the new one began
        std::string failure;   // empty: none so far
        Tell tell;
    };
    using Instance = std::shared_ptr<loader::PluginInstance>;

    Instance running() const;
    pipeline::Answer start(const loader::Call& call);
    void takeOverBetweenCalls();
    void goBackBetweenCalls();
    Tell begin(const Checkpoint& checkpoint);
    std::optional<Trial> endTrial();
    pipeline::Answer judge(const loader::Call& call, const Instance& by, pipeline::Answer answer);
    void passTrial();
    std::string failureOnTrial() const;

    const std::string name_;
    const loader::PluginManifest manifest_;
    base::Clock& clock_;
    std::mutex working_; // held by calls that never overlap
    bool is_started_ = false;
    mutable std::mutex mutex_;
    Version running_;
    std::optional<Version> next_;
    Tell tell_next_;
    std::optional<Trial> trial_;
    std::function<void()> wake_;
};

} // namespace hearback::runtime
