// One configured plugin: its life cycle, every call into it, every call it makes back.
//
// A control call (configure, check, start, stop) has a time limit. One that passes it is declared
// hung: its thread is left behind, the instance has failed, and only a restart of the host frees
// it. Data calls run on the caller's thread.
#pragma once

#include "pipeline/plugins.h"
#include "runtime/call_context.h"
#include "runtime/library.h"
#include "runtime/services.h"

#include "hearback/plugin/host_services.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace hearback::runtime {

enum class State : std::int32_t {
    Created = 0,
    Configured = 1,
    Running = 2,
    Stopped = 3,
    Failed = 4
};

// A request path that a channel registered in start().
struct IngressRoute {
    std::string path;
    std::vector<std::string> methods;
    std::uint32_t max_body_bytes = 0;
    hb_status (*handler)(hb_instance*, hb_bytes, const hb_writer*) = nullptr;
};

class Instance : public std::enable_shared_from_this<Instance> {
  public:
    // `secrets`: references by the name of their setting.
    static base::Result<std::shared_ptr<Instance>>
    create(std::shared_ptr<Library> library, const PluginManifest& manifest, std::string name,
           std::map<std::string, std::string> secrets, Services& services);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    const std::string& name() const { return name_; }
    const PluginManifest& manifest() const { return manifest_; }
    State state() const { return state_; }

    pipeline::Answer configure(const std::string& settings_json);
    // The report is in the answer's text where it is Ok.
    pipeline::Answer check();
    pipeline::Answer start(const std::optional<std::string>& checkpoint);
    pipeline::Answer stop();
    // Makes a call that is under way return soon. Any thread.
    void cancel();

    // A data call: `run` is given the writer for its result, which takes up to `max_bytes`.
    pipeline::Answer call(Role role, const char* function, std::size_t max_bytes,
                          const std::function<hb_status(hb_instance*, const hb_writer*)>& run);
    // A table of the plugin's; null where it does not offer it.
    const void* extension(std::string_view id) const;

    std::vector<IngressRoute> routes() const;
    void onWake(std::function<void()> wake);

  private:
    friend struct HostTables;

    Instance(std::shared_ptr<Library> library, const PluginManifest& manifest, std::string name,
             std::map<std::string, std::string> secrets, Services& services);
    pipeline::Answer control(const char* function, base::Micros limit,
                             const std::function<hb_status(hb_instance*, const hb_writer*)>& run);
    bool mayLog();
    bool isMetricName(std::string_view name);

    std::shared_ptr<Library> library_;
    PluginManifest manifest_;
    std::string name_;
    std::map<std::string, std::string> secrets_;
    Services& services_;
    hb_host host_{};
    const hb_instance_table* table_ = nullptr;
    hb_instance* instance_ = nullptr;
    std::atomic<State> state_{State::Created};
    std::atomic<bool> cancelled_{false};
    mutable std::mutex mutex_;
    std::vector<IngressRoute> routes_;
    std::function<void()> wake_;
    std::set<std::string, std::less<>> metric_names_;
    base::Micros log_window_ = 0;
    int log_lines_ = 0;
};

} // namespace hearback::runtime
