// What a test has at hand: the plugin, settings that fit it, a host, chance, and a judge. Lives in
// the process of one test, in a working folder of its own.
#pragma once

#include "base/random.h"
#include "check/judge.h"
#include "check/plan.h"
#include "check/program.h"
#include "check/subject.h"
#include "loader/catalog.h"
#include "loader/library.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace hearback::check {

struct BenchParts {
    const loader::PluginFile& file;
    const loader::PluginManifest* manifest = nullptr; // null: it cannot be read
    const Plan& plan;
    std::uint64_t seed = 0;
    std::filesystem::path folder; // of what the plugin does not see; the working one is inside
    std::filesystem::path trace;  // empty: no trace
    std::int64_t stress_s = 20;
};

class Bench : public Judge {
  public:
    Bench(BenchParts parts, std::function<void(const Outcome&)> report);

    const loader::PluginFile& file() const { return parts_.file; }
    const loader::PluginManifest& manifest() const { return *parts_.manifest; }
    const Plan& plan() const { return parts_.plan; }
    const std::filesystem::path& folder() const { return parts_.folder; }
    std::int64_t stressSeconds() const { return parts_.stress_s; }
    base::Random& random() { return random_; }
    // A number below `end`.
    std::size_t below(std::size_t end) { return static_cast<std::size_t>(random_.next() % end); }
    std::uint64_t seed() const { return parts_.seed; }
    World& world() { return world_; }
    ScriptedHttp& http() { return http_; }
    Kv& kv() { return kv_; }

    // The entry of the library, loaded once, or what stands for it in a program. Skips where it
    // cannot be loaded: tests of level 0 say what is wrong.
    const hb_plugin_entry& entry();

    // What configure() is called with: the author's settings, or some that fit the schema, with
    // defaults, secrets and whole paths filled in. Skips where there are none that fit.
    const std::string& settings();
    bool hasOwnSettings() const { return parts_.plan.settings.has_value(); }

    // An instance at a point of its life. Each skips where what leads there fails, which life/walk
    // tells.
    Subject& created(SubjectOptions options = {});
    Subject& configured(SubjectOptions options = {});
    Subject& started(SubjectOptions options = {});
    HostSide& host(HostOptions options = {});
    // Skips where no instance can be started. Tried in a process of its own: this one has no more
    // threads than before.
    void mustStartOnce();

  private:
    BenchParts parts_;
    base::SeededRandom random_;
    Trace trace_;
    ScriptedHttp http_;
    Kv kv_;
    World world_;
    std::shared_ptr<loader::Library> library_;
    std::unique_ptr<Program> program_;
    std::string settings_;
    std::vector<std::unique_ptr<HostSide>> hosts_;
    std::vector<std::unique_ptr<Subject>> subjects_;
};

} // namespace hearback::check
