// A plugin instance in this process: its life cycle, every call into it, every call it makes back.
//
// A control call has a time limit. One that passes it is declared hung: its thread is left behind,
// the instance has failed, and only the end of the process frees it. Data calls run on the caller's
// thread, at most as many at once as the manifest allows.
#pragma once

#include "base/clock.h"
#include "base/window_limit.h"
#include "loader/call_context.h"
#include "loader/host_services.h"
#include "loader/library.h"
#include "loader/plugin_instance.h"
#include "loader/turnstile.h"

#include "hearback/plugin/actions.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/host_services.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace hearback::loader {

enum class State : std::int32_t {
    Created = 0,
    Configured = 1,
    Running = 2,
    Stopped = 3,
    Failed = 4
};

class Instance final : public PluginInstance, public std::enable_shared_from_this<Instance> {
  public:
    static base::Result<std::shared_ptr<Instance>>
    create(std::shared_ptr<Library> library, const PluginManifest& manifest, std::string name,
           std::unique_ptr<HostServices> services, base::Clock& clock);
    ~Instance() override = default;
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    const std::string& name() const override { return name_; }
    const PluginManifest& manifest() const override { return manifest_; }
    bool can(Method method) const override;
    pipeline::Answer run(const Call& call) override;
    void cancel() override;
    std::vector<pipeline::Route> routes() const override;
    void onWake(std::function<void()> wake) override;

    State state() const { return state_; }
    // How many of this process do not return from destroy(): it can only be left by _Exit().
    static int leftBehind();

  private:
    friend struct HostTables;
    using Run = std::function<hb_status(hb_instance*, const hb_writer*)>;
    struct Route {
        pipeline::Route route;
        hb_status (*handler)(hb_instance*, hb_bytes, const hb_writer*) = nullptr;
    };

    Instance(std::shared_ptr<Library> library, const PluginManifest& manifest, std::string name,
             std::unique_ptr<HostServices> services, base::Clock& clock);
    static void letGo(Instance* self);
    void destroy();
    // Where a plugin's function is called: the thread's context, the writer, what was thrown.
    pipeline::Answer enter(Role role, const char* function, std::size_t max_bytes, const Run& run);
    pipeline::Answer control(Method method, base::Micros limit, const Run& run);
    pipeline::Answer data(Method method, std::size_t max_bytes, const Run& run);
    pipeline::Answer configure(std::string_view settings);
    pipeline::Answer check();
    pipeline::Answer start(const Call& call);
    pipeline::Answer stop();
    pipeline::Answer receive(const Call& call);
    pipeline::Answer write(const Call& call);
    void findTables();

    std::shared_ptr<Library> library_;
    PluginManifest manifest_;
    std::string name_;
    std::unique_ptr<HostServices> services_;
    base::Clock& clock_;
    hb_host host_{};
    const hb_instance_table* table_ = nullptr;
    const hb_source_1* source_ = nullptr;
    const hb_classifier_1* classifier_ = nullptr;
    const hb_sink_1* sink_ = nullptr;
    const hb_actions_1* actions_ = nullptr;
    hb_instance* instance_ = nullptr;
    Turnstile gate_;
    std::atomic<State> state_{State::Created};
    std::atomic<bool> cancelled_{false};
    base::WindowLimit complaints_{10, base::kMinute};
    mutable std::mutex mutex_;
    std::vector<Route> routes_;
    std::function<void()> wake_;
};

} // namespace hearback::loader
