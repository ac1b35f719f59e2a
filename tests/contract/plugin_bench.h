// The loader with all it needs, and plugins by name: what tests of real plugins begin with.
#pragma once

#include "runtime/adapters.h"
#include "runtime/plugin_host.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

namespace hearback::testing {

config::Value toValue(const nlohmann::json& json);

class PluginBench {
  public:
    explicit PluginBench(const std::filesystem::path& directory = HEARBACK_BINARY_DIR "/plugins")
        : http(egress::EgressGuard(egress::EgressRules{{"127.0.0.1"}, {}}), clock), kv(openStore()),
          quarantine(database.get(), clock), upgrades(database.get(), clock),
          workers(HEARBACK_BINARY_DIR "/bin/hearback-worker", system_clock, quick()),
          host({directory}, trustAll(),
               runtime::Services{clock, random, metrics, http, quarantine, upgrades, workers,
                                 kv.get(), folder.path()}) {}

    // A configured instance, or null with the problems.
    std::shared_ptr<loader::PluginInstance> make(const std::string& plugin, const std::string& kind,
                                                 const nlohmann::json& settings = {}) {
        config::PluginSettings wanted;
        wanted.name = name;
        wanted.plugin = plugin;
        wanted.path = kind;
        wanted.settings = toValue(settings.is_null() ? nlohmann::json::object() : settings);
        wanted.isolation = isolation;
        wanted.worker = worker;
        problems.clear();
        return host.makeInstance(wanted, kind, problems);
    }
    std::unique_ptr<pipeline::Source> source(const std::string& plugin,
                                             const nlohmann::json& settings = {}) {
        auto instance = make(plugin, "channel", settings);
        REQUIRE(instance);
        auto made = runtime::makeSource(instance);
        REQUIRE(made);
        return std::move(*made);
    }
    std::string problem() const { return problems.empty() ? "" : problems.front().text; }

    std::string name = "it"; // of the next ones
    // Where the next ones run, and what their workers may use.
    config::Isolation isolation = config::Isolation::InProcess;
    config::WorkerSettings worker;

    TempFolder folder;
    ManualClock clock;
    base::SystemClock system_clock; // of what watches real processes
    base::SeededRandom random{1};
    base::Metrics metrics;
    egress::HttpClient http;
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<runtime::KvStore> kv;
    runtime::Quarantine quarantine;
    runtime::UpgradeNotes upgrades;
    runtime::WorkerPool workers;
    std::vector<config::Problem> problems;
    runtime::PluginHost host;

  private:
    static runtime::WorkerLimits quick() {
        runtime::WorkerLimits limits;
        limits.heartbeat = 200 * base::kMillisecond;
        limits.heartbeat_max = 3 * base::kSecond;
        limits.grace = 500 * base::kMillisecond;
        return limits;
    }
    runtime::Trust trustAll() { return {{}, folder / "trust.toml", true, problems}; }
    std::unique_ptr<runtime::KvStore> openStore() {
        storage::DatabaseOptions options;
        options.file = folder / "kv.db";
        const std::vector<storage::Migration> migrations = {runtime::kvMigration(),
                                                            runtime::quarantineMigration(),
                                                            runtime::upgradeNotesMigration()};
        auto opened = storage::Database::open(options, migrations);
        REQUIRE(opened);
        database = std::move(*opened);
        return std::make_unique<runtime::KvStore>(*database);
    }
};

inline config::Value toValue(const nlohmann::json& json) {
    if (json.is_object()) {
        config::Value::Table table;
        for (const auto& [key, member] : json.items()) table.emplace_back(key, toValue(member));
        return {std::move(table), {}};
    }
    if (json.is_array()) {
        config::Value::List list;
        for (const auto& item : json) list.push_back(toValue(item));
        return {std::move(list), {}};
    }
    if (json.is_boolean()) return {json.get<bool>(), {}};
    if (json.is_number_integer()) return {json.get<std::int64_t>(), {}};
    if (json.is_number()) return {json.get<double>(), {}};
    return {json.is_string() ? json.get<std::string>() : std::string(), {}};
}

} // namespace hearback::testing
