// One instance of a program, in a process of its own, with the tables of the boundary.
#pragma once

#include "check/program_services.h"
#include "loader/plugin_instance.h"
#include "runtime/worker_pool.h"

#include "hearback/plugin/actions.h"
#include "hearback/plugin/classifier.h"
#include "hearback/plugin/sink.h"
#include "hearback/plugin/source.h"

#include <set>
#include <string>
#include <vector>

namespace hearback::check {

class ProgramInstance {
  public:
    // `host` is the one that create() was called with.
    ProgramInstance(const loader::PluginFile& file, const loader::PluginManifest& manifest,
                    HostSide& host);

    // Starts the process and makes the instance in it.
    hb_status create();
    const hb_instance_table* table() const { return &table_; }
    hb_instance* asInstance() { return reinterpret_cast<hb_instance*>(this); }

  private:
    friend struct ProgramTables;

    void makeTables();
    const void* extension(std::string_view id) const;
    bool can(loader::Method method) const { return abilities_.contains(method); }
    // A call that ends as it was answered; its bytes go to `out`.
    hb_status run(const loader::Call& call, const hb_writer* out);
    hb_status start(const loader::Call& call);
    hb_status addRoutes(const nlohmann::json& list);
    runtime::WorkerProcess::Reply ask(const loader::Call& call);
    hb_status told(const pipeline::Answer& answer);
    void cancel();
    void destroy();

    const loader::PluginFile& file_;
    const loader::PluginManifest& manifest_;
    const std::shared_ptr<CallInProgram> call_;
    base::SystemClock clock_;
    runtime::WorkerPool pool_;
    std::shared_ptr<runtime::WorkerProcess> process_;
    std::set<loader::Method> abilities_;
    std::vector<std::string> routes_; // paths
    hb_instance_table table_{};
    hb_source_1 source_{};
    hb_classifier_1 classifier_{};
    hb_sink_1 sink_{};
    hb_actions_1 actions_{};
};

} // namespace hearback::check
