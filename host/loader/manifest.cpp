#include "loader/manifest.h"

#include "hearback/plugin/abi.h"

#include <algorithm>
#include <limits>

namespace hearback::loader {

namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kHostsMax = 32;
constexpr std::string_view kSetting = "setting:";

Error invalid(const std::string& text) { return {Code::Invalid, "its manifest " + text}; }

bool isTextList(const json& value) {
    return value.is_array() && std::all_of(value.begin(), value.end(),
                                           [](const json& item) { return item.is_string(); });
}

base::Result<void> readTexts(const json& from, const char* key, std::vector<std::string>& into) {
    if (!from.contains(key)) return {};
    if (!isTextList(from[key]))
        return invalid(std::string("has a \"") + key + "\" that is no list of texts");
    into = from[key].get<std::vector<std::string>>();
    return {};
}

base::Result<void> readCount(const json& from, const char* key, std::int64_t& into) {
    if (!from.contains(key)) return {};
    const auto max = std::int64_t{4096};
    if (!from[key].is_number_integer() || from[key].get<std::int64_t>() < 1 ||
        from[key].get<std::int64_t>() > max)
        return invalid(std::string("has a \"") + key + "\" that is not between 1 and 4096");
    into = from[key].get<std::int64_t>();
    return {};
}

// A larger number would be cut to another version than the one it says.
bool isVersion(const json& value) {
    return value.is_number_integer() && value >= 0 && value <= std::numeric_limits<int>::max();
}

bool isHostPattern(std::string_view text) {
    if (text.substr(0, 2) == "*.") text.remove_prefix(2);
    return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
    });
}

base::Result<void> checkHosts(const PluginManifest& plugin, bool is_there) {
    if (!is_there) return {};
    if (plugin.hosts.empty() || plugin.hosts.size() > kHostsMax)
        return invalid("has \"hosts\" that are not between 1 and " + std::to_string(kHostsMax) +
                       ": leave them out where it may send to any");
    const json properties = plugin.settings.value("properties", json::object());
    for (const std::string& host : plugin.hosts) {
        if (host.substr(0, kSetting.size()) != kSetting) {
            if (!isHostPattern(host))
                return invalid("has \"" + host +
                               "\" among its \"hosts\"; wanted is a name in "
                               "small letters, \"*.example.org\" or "
                               "\"setting:NAME\"");
        } else if (!properties.is_object() || !properties.contains(host.substr(kSetting.size()))) {
            return invalid("has \"" + host + "\" among its \"hosts\", and no such setting");
        }
    }
    return {};
}

base::Result<void> readIdempotency(const json& from, std::string& into) {
    if (!from.is_object() || !from.contains("idempotency")) return {};
    for (const char* known : {"vendor_key", "natural_key", "look_before_write", "none"})
        if (from["idempotency"] == known) {
            into = known;
            return {};
        }
    return invalid("has an \"idempotency\" that is none; wanted is \"vendor_key\", "
                   "\"natural_key\", \"look_before_write\" or \"none\"");
}

base::Result<PluginManifest> readPlugin(const json& from) {
    PluginManifest plugin;
    plugin.whole = from;
    struct Member {
        const char* key;
        std::string PluginManifest::*into;
        bool required;
    };
    for (const Member& member : {Member{"id", &PluginManifest::id, true},
                                 Member{"version", &PluginManifest::version, true},
                                 Member{"kind", &PluginManifest::kind, true},
                                 Member{"summary", &PluginManifest::summary, false},
                                 Member{"licence", &PluginManifest::licence, false},
                                 Member{"task", &PluginManifest::task, false}}) {
        const bool there = from.is_object() && from.contains(member.key);
        if (there && from[member.key].is_string())
            plugin.*member.into = from[member.key].get<std::string>();
        if ((plugin.*member.into).empty() && member.required)
            return invalid(std::string("has no \"") + member.key + "\"");
    }
    const std::vector<std::string> kinds = {"channel", "classifier", "sink"};
    if (std::find(kinds.begin(), kinds.end(), plugin.kind) == kinds.end())
        return invalid("has the kind \"" + plugin.kind +
                       "\", wanted is \"channel\", \"classifier\" or \"sink\"");
    const auto idempotency = readIdempotency(from, plugin.idempotency);
    if (!idempotency) return idempotency.error();
    for (const auto& [key, into] :
         {std::pair{"extensions", &plugin.extensions}, std::pair{"needs", &plugin.needs},
          std::pair{"hosts", &plugin.hosts}, std::pair{"labels", &plugin.labels}}) {
        const auto read = readTexts(from, key, *into);
        if (!read) return read.error();
    }
    for (const auto& [key, into] : {std::pair{"max_inflight", &plugin.max_inflight},
                                    std::pair{"max_concurrency", &plugin.max_concurrency}}) {
        const auto read = readCount(from, key, *into);
        if (!read) return read.error();
    }
    plugin.settings = from.value("settings", json::object());
    if (!plugin.settings.is_object()) return invalid("has \"settings\" that are no JSON Schema");
    const auto hosts = checkHosts(plugin, from.contains("hosts"));
    if (!hosts) return hosts.error();
    return plugin;
}

} // namespace

bool PluginManifest::has(std::string_view extension) const {
    return std::find(extensions.begin(), extensions.end(), extension) != extensions.end();
}

bool PluginManifest::doesNeed(std::string_view what) const {
    return std::find(needs.begin(), needs.end(), what) != needs.end();
}

base::Result<LibraryManifest> parseManifest(std::string_view text) {
    const json manifest = json::parse(text, nullptr, false);
    if (!manifest.is_object()) return invalid("is no JSON object");
    if (manifest.value("manifest", json()) != 1)
        return invalid("has version " + manifest.value("manifest", json()).dump() +
                       ", wanted is 1");
    const json abi = manifest.value("abi", json());
    const json level = manifest.value("schema_level", json());
    if (!abi.is_array() || abi.size() != 2 || !isVersion(abi[0]) || !isVersion(abi[1]) ||
        !isVersion(level))
        return invalid("does not name its \"abi\" and \"schema_level\"");
    LibraryManifest library;
    library.abi_major = abi[0].get<int>();
    library.abi_minor = abi[1].get<int>();
    library.schema_level = level.get<int>();
    if (library.abi_major != HB_ABI_MAJOR)
        return Error{Code::Unsupported, "has plugin ABI " + std::to_string(library.abi_major) +
                                            "." + std::to_string(library.abi_minor) +
                                            ", wanted is " + std::to_string(HB_ABI_MAJOR) + ".x"};
    const json plugins = manifest.value("plugins", json());
    if (!plugins.is_array() || plugins.empty()) return invalid("names no \"plugins\"");
    for (const json& each : plugins) {
        auto plugin = readPlugin(each);
        if (!plugin) return plugin.error();
        library.plugins.push_back(std::move(*plugin));
    }
    return library;
}

} // namespace hearback::loader
