#include "config/settings.h"

#include "base/file.h"
#include "config/rule_reader.h"
#include "config/secrets.h"
#include "config/table_reader.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <map>

namespace hearback::config {

namespace {

constexpr std::size_t kFileMax = 4 << 20;

bool isName(std::string_view name) {
    const auto fits = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 64 && name.front() >= 'a' && name.front() <= 'z' &&
           std::all_of(name.begin(), name.end(), fits);
}

bool parseAddress(std::string_view text, Address& address) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view port = text.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
    std::string_view host = text.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    address.host = host;
    return error == std::errc() && end == port.data() + port.size();
}

class SettingsReader {
  public:
    SettingsReader(Loaded& loaded, std::filesystem::path folder)
        : settings_(loaded.settings), problems_(loaded.problems), folder_(std::move(folder)) {
        settings_.http.listen = {"127.0.0.1", 8080};
        settings_.intake.listen = {"127.0.0.1", 8081};
        settings_.data_dir = folder_ / "data";
        settings_.storage.folder = folder_;
        settings_.trust_file = folder_ / "plugins.trust.toml";
    }

    void read(const Value& file) {
        TableReader in(file, "", problems_);
        readPath(in, "data_dir", settings_.data_dir);
        in.table("storage", [&](TableReader& storage) { readStorage(storage); });
        std::vector<std::string> dirs;
        in.texts("plugin_dirs", dirs);
        for (const std::string& dir : dirs) settings_.plugin_dirs.push_back(folder_ / dir);
        in.table("trust", [&](TableReader& trust) {
            readPath(trust, "file", settings_.trust_file);
            trust.boolean("all", settings_.trust_all);
        });
        in.table("log", [&](TableReader& log) { readLog(log); });
        in.table("http", [&](TableReader& http) { readHttp(http, settings_.http); });
        in.table("intake", [&](TableReader& intake) {
            readHttp(intake, settings_.intake);
            intake.integer("timeout_ms", settings_.webhook_timeout_ms, 100, 120000);
        });
        in.table("pipeline", [&](TableReader& pipeline) {
            pipeline.integer("classify_budget_ms", settings_.classify_budget_ms, 10, 600000);
        });
        in.table("egress", [&](TableReader& egress) { readEgress(egress); });
        in.table("http_recording", [&](TableReader& recording) { readRecording(recording); });
        in.tables("source", [&](TableReader& t) { readPlugin(t, settings_.sources, 4096); });
        in.tables("classifier", [&](TableReader& t) { readPlugin(t, settings_.classifiers, 0); });
        in.tables("sink", [&](TableReader& t) {
            readPlugin(t, settings_.sinks, 1000);
            t.integer("per_minute", settings_.sinks.back().per_minute, 1, 1000000);
        });
        in.tables("route",
                  [&](TableReader& t) { settings_.rules.push_back(readRule(t, problems_)); });
        in.finish();
        checkNames();
    }

  private:
    void readPath(TableReader& in, std::string_view key, std::filesystem::path& into) {
        std::string text;
        in.text(key, text);
        if (!text.empty()) into = folder_ / text;
    }

    void readStorage(TableReader& in) {
        StorageSettings& storage = settings_.storage;
        in.requiredText("url", storage.url);
        in.text("password", storage.password);
        const std::string_view url = storage.url;
        const bool is_address = url.starts_with("postgresql://") || url.starts_with("postgres://");
        if (!url.empty() && !is_address)
            in.problem("url", "must be an address: \"postgresql://user@host:5432/database\"");
        if (holdsPassword(url))
            in.problem("url", "must not hold the password: put a reference to it into "
                              "storage.password, such as \"file:database_password\"");
        if (!storage.password.empty() && !isSecretReference(storage.password))
            in.problem("password", "must refer to a secret: \"env:NAME\" or \"file:PATH\"");
    }

    static bool holdsPassword(std::string_view url) {
        if (url.find("password=") != std::string_view::npos) return true;
        const auto user = url.find("://");
        if (user == std::string_view::npos) return false;
        const std::string_view rest = url.substr(user + 3);
        const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
        const auto at = authority.find('@');
        return at != std::string_view::npos && authority.substr(0, at).find(':') < at;
    }

    void readLog(TableReader& log) {
        std::string format = "auto";
        std::string level = "info";
        log.text("format", format);
        log.text("level", level);
        if (format == "text")
            settings_.log_format = base::LogFormat::Text;
        else if (format == "json")
            settings_.log_format = base::LogFormat::Json;
        else if (format != "auto")
            log.problem("format", "must be \"auto\", \"text\" or \"json\"");
        const std::vector<std::string> levels = {"debug", "info", "warning", "error"};
        const auto found = std::find(levels.begin(), levels.end(), level);
        if (found == levels.end())
            log.problem("level", "must be \"debug\", \"info\", \"warning\" or \"error\"");
        else
            settings_.log_level = static_cast<base::LogLevel>(found - levels.begin());
    }

    void readFileName(TableReader& in, std::string_view key, std::filesystem::path& into) {
        std::string text;
        in.requiredText(key, text);
        if (text.empty()) return;
        into = folder_ / text;
        if (!std::filesystem::is_regular_file(into))
            in.problem(key, "no such file: " + into.string());
    }

    void readHttp(TableReader& in, HttpSettings& http) {
        std::string listen;
        in.text("listen", listen);
        if (!listen.empty() && !parseAddress(listen, http.listen))
            in.problem("listen", "must be an address and a port: \"127.0.0.1:8080\"");
        in.integer("threads", http.threads, 2, 4096);
        std::int64_t body_kib = http.max_body_bytes / 1024;
        in.integer("max_body_kib", body_kib, 1, 16 * 1024);
        http.max_body_bytes = body_kib * 1024;
        in.integer("header_timeout_ms", http.header_timeout_ms, 100, 120000);
        in.integer("connections_per_address", http.connections_per_address, 1, 100000);
        in.integer("requests_per_minute", http.requests_per_minute, 0, 10000000);
        in.table("tls", [&](TableReader& tls) {
            readFileName(tls, "certificate", http.tls_certificate);
            readFileName(tls, "key", http.tls_key);
        });
    }

    void readEgress(TableReader& egress) {
        egress.texts("allow", settings_.egress_allow);
        std::vector<std::int64_t> ports(settings_.egress_ports.begin(),
                                        settings_.egress_ports.end());
        egress.integers("ports", ports, 1, 65535);
        settings_.egress_ports.clear();
        for (const std::int64_t port : ports)
            settings_.egress_ports.push_back(static_cast<std::uint16_t>(port));
        if (egress.value("authorities") != nullptr)
            readFileName(egress, "authorities", settings_.egress_authorities);
    }

    void readRecording(TableReader& recording) {
        std::string mode = "off";
        recording.text("mode", mode);
        if (mode == "record")
            settings_.http_recording = HttpRecording::Record;
        else if (mode == "replay")
            settings_.http_recording = HttpRecording::Replay;
        else if (mode != "off")
            recording.problem("mode", "must be \"off\", \"record\" or \"replay\"");
        readPath(recording, "folder", settings_.http_recording_folder);
        if (settings_.http_recording != HttpRecording::Off &&
            settings_.http_recording_folder.empty())
            recording.problem("folder", "is required where something is recorded or replayed");
    }

    void readPlugin(TableReader& in, std::vector<PluginSettings>& into, std::int64_t batch_max) {
        PluginSettings plugin;
        plugin.path = in.path();
        plugin.place = in.place();
        in.requiredText("name", plugin.name);
        in.requiredText("plugin", plugin.plugin);
        if (!plugin.name.empty() && !isName(plugin.name))
            in.problem("name", "must begin with a small letter and hold small letters, digits, "
                               "- and _ only");
        if (batch_max > 0) in.integer("batch_items", plugin.batch_items, 1, batch_max);
        readIsolation(in, plugin);
        plugin.settings.place = in.place();
        if (const Value* settings = in.value("settings")) {
            if (std::holds_alternative<Value::Table>(settings->content))
                plugin.settings = *settings;
            else
                in.problem("settings", std::string("must be a table, not ") + settings->kind());
        }
        into.push_back(std::move(plugin));
    }

    static void readIsolation(TableReader& in, PluginSettings& plugin) {
        std::string isolation;
        in.text("isolation", isolation);
        for (const Isolation each :
             {Isolation::InProcess, Isolation::Worker, Isolation::WorkerShared})
            if (isolation == nameOf(each)) plugin.isolation = each;
        if (!isolation.empty() && !plugin.isolation)
            in.problem("isolation", "must be \"in-process\", \"worker\" or \"worker-shared\"");
        in.table("worker", [&](TableReader& worker) {
            worker.integer("memory_mib", plugin.worker.memory_mib, 0, 1 << 20);
            worker.integer("files", plugin.worker.files, 16, 1 << 20);
            worker.integer("cpu_s", plugin.worker.cpu_s, 0, 6000);
            worker.boolean("any_system_call", plugin.worker.any_system_call);
        });
    }

    void checkNames() {
        for (const auto* list : {&settings_.sources, &settings_.classifiers, &settings_.sinks}) {
            for (std::size_t i = 0; i < list->size(); ++i)
                for (std::size_t j = 0; j < i; ++j)
                    if ((*list)[i].name == (*list)[j].name && !(*list)[i].name.empty())
                        problems_.push_back({(*list)[i].place, (*list)[i].path + ".name",
                                             "\"" + (*list)[i].name + "\" is the name of " +
                                                 (*list)[j].path + " already"});
        }
    }

    Settings& settings_;
    std::vector<Problem>& problems_;
    std::filesystem::path folder_;
};

} // namespace

const char* nameOf(Isolation isolation) {
    switch (isolation) {
    case Isolation::InProcess: return "in-process";
    case Isolation::Worker: return "worker";
    case Isolation::WorkerShared: return "worker-shared";
    }
    return "unknown";
}

namespace {

// The keys of a file with what they say; one level into tables, where settings have their names.
std::map<std::string, std::string> partsOf(const Value& document) {
    std::map<std::string, std::string> parts;
    const auto* table = std::get_if<Value::Table>(&document.content);
    if (table == nullptr) return parts;
    for (const auto& [name, value] : *table) {
        if (const auto* inner = std::get_if<Value::Table>(&value.content))
            for (const auto& [key, each] : *inner) parts[name + "." + key] = toJson(each).dump();
        else
            parts[name] = toJson(value).dump();
    }
    return parts;
}

} // namespace

std::vector<std::string> changedParts(const Value& before, const Value& after) {
    const auto old = partsOf(before);
    auto parts = partsOf(after);
    std::vector<std::string> changed;
    for (const auto& [name, text] : old) {
        const auto found = parts.find(name);
        if (found == parts.end() || found->second != text) changed.push_back(name);
        if (found != parts.end()) parts.erase(found);
    }
    for (const auto& [name, text] : parts) changed.push_back(name);
    std::sort(changed.begin(), changed.end());
    return changed;
}

void sortByPlace(std::vector<Problem>& problems) {
    std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
        return std::pair(a.place.line, a.place.column) < std::pair(b.place.line, b.place.column);
    });
}

Loaded parseSettings(std::string_view text, const std::filesystem::path& folder) {
    Loaded loaded;
    Value file;
    if (!parseToml(text, file, loaded.problems)) return loaded;
    SettingsReader(loaded, folder).read(file);
    loaded.settings.document = std::move(file);
    sortByPlace(loaded.problems);
    return loaded;
}

base::Result<Loaded> loadSettings(const std::filesystem::path& file) {
    const auto text = base::readFile(file, kFileMax);
    if (!text) return text.error();
    Loaded loaded = parseSettings(*text, std::filesystem::absolute(file).parent_path());
    loaded.settings.file = file;
    return loaded;
}

std::string describe(const std::filesystem::path& file, const Problem& problem) {
    std::string text = file.string();
    if (problem.place.line > 0)
        text +=
            ":" + std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column);
    text += ": ";
    if (!problem.path.empty()) text += problem.path + " ";
    return text + problem.text;
}

} // namespace hearback::config
