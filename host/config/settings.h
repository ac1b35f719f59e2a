// What the configuration file says, typed. Read once at the start; all problems are found at once.
#pragma once

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/value.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace hearback::config {

// Where a plugin's code runs.
enum class Isolation {
    InProcess,   // within the host
    Worker,      // in a process for this instance
    WorkerShared // in a process for all instances of its library
};
const char* nameOf(Isolation isolation);

// What a worker may use.
struct WorkerSettings {
    std::int64_t memory_mib = 1024; // of address space; 0: no limit
    std::int64_t files = 256;       // descriptors
    std::int64_t cpu_s = 0;         // of processor time within a minute; 0: no limit
    bool any_system_call = false;   // do not refuse those that no plugin needs
};

// A configured plugin: a source, a classifier or a sink.
struct PluginSettings {
    std::string name;
    std::string plugin;
    Value settings;   // a table, held against the plugin's own schema when it is loaded
    std::string path; // "source[0]"
    Place place;
    std::int64_t batch_items = 0;       // sources: of one poll; sinks: of one call; 0: the default
    std::int64_t per_minute = 0;        // sinks: deliveries; 0: no limit
    std::optional<Isolation> isolation; // none: by where the plugin comes from
    WorkerSettings worker;
};

// One condition of a rule: a test of a field, or a combination of conditions.
struct Condition {
    enum class Kind { All, Any, Not, Test };
    Kind kind = Kind::All;
    std::vector<Condition> parts;
    std::string field;
    std::string op;
    Value value;
    Place place;
    Place field_place;
    Place op_place;
    std::string path;
};

struct RuleSettings {
    std::string name;
    Condition when; // All without parts: every message
    std::string team;
    std::string priority;
    std::vector<std::string> tags;
    std::vector<std::string> sinks;
    bool stop = false; // no later rule is looked at
    Place place;
    Place priority_place;
    Place sinks_place;
    std::string path;
};

struct Address {
    std::string host;
    std::uint16_t port = 0;
};

struct HttpSettings {
    Address listen;
    std::int64_t threads = 64;
    std::int64_t max_body_bytes = 1 << 20;
    std::int64_t header_timeout_ms = 10000;
    std::int64_t connections_per_address = 64;
    std::int64_t requests_per_minute = 0; // of one address; 0: no limit
    // Of files; both or none.
    std::filesystem::path tls_certificate;
    std::filesystem::path tls_key;
};

// Where the data is. Without an address: SQLite, in data_dir.
struct StorageSettings {
    std::string url;              // postgresql://user@host:port/database
    std::string password;         // a reference: env:NAME, file:PATH; empty: libpq's own places
    std::filesystem::path folder; // what the reference is relative to
};

enum class HttpRecording { Off, Record, Replay };

struct Settings {
    std::filesystem::path file;
    std::filesystem::path data_dir;
    StorageSettings storage;
    std::vector<std::filesystem::path> plugin_dirs;
    // Which plugins that are not part of this build may run; and whether all may.
    std::filesystem::path trust_file;
    bool trust_all = false;
    // Only plugins of this build; not in the file: `hearback serve --safe-mode`.
    bool safe_mode = false;
    std::optional<base::LogFormat> log_format; // none: by the terminal
    base::LogLevel log_level = base::LogLevel::Info;
    HttpSettings http;   // status, health, metrics
    HttpSettings intake; // what people's software sends
    std::int64_t classify_budget_ms = 2000;
    std::int64_t webhook_timeout_ms = 10000;
    // "host" or "host:port" that plugins may reach though it is private or not encrypted.
    std::vector<std::string> egress_allow;
    // Of hosts that are not named there.
    std::vector<std::uint16_t> egress_ports = {80, 443, 8080, 8443};
    // PEM file of authorities that are trusted beside those of the system; empty: none.
    std::filesystem::path egress_authorities;
    // What plugins ask of the web, written into a folder or played back from it.
    HttpRecording http_recording = HttpRecording::Off;
    std::filesystem::path http_recording_folder;
    std::vector<PluginSettings> sources;
    std::vector<PluginSettings> classifiers;
    std::vector<PluginSettings> sinks;
    std::vector<RuleSettings> rules;
    Value document; // the file as it was read
};

struct Loaded {
    Settings settings;
    std::vector<Problem> problems; // empty: it can be used
};

// `folder`: what relative paths in the text are relative to.
Loaded parseSettings(std::string_view text, const std::filesystem::path& folder);
base::Result<Loaded> loadSettings(const std::filesystem::path& file);

// The parts in which two files differ: "source", "egress.allow".
std::vector<std::string> changedParts(const Value& before, const Value& after);

// By line and column; what stands nowhere in the file comes first.
void sortByPlace(std::vector<Problem>& problems);

// "hearback.toml:12:5: source[0].settings.url is required"
std::string describe(const std::filesystem::path& file, const Problem& problem);

} // namespace hearback::config
