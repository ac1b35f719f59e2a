// What a plugin says about itself, read from its library without running it.
#pragma once

#include "base/result.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hearback::loader {

struct PluginManifest {
    std::string id;
    std::string version;
    std::string kind; // "channel", "classifier", "sink"
    std::string summary;
    std::string licence;
    std::vector<std::string> extensions;
    std::vector<std::string> needs;
    // Where it may send to; none: anywhere. "example.org", "*.example.org", or "setting:NAME" for
    // the host of the address in that setting.
    std::vector<std::string> hosts;
    std::string task;
    // Sinks: what keeps a second attempt from doing it twice. "vendor_key", "natural_key",
    // "look_before_write", or "none": then it is not tried again after an unclear outcome.
    std::string idempotency = "vendor_key";
    std::vector<std::string> labels;
    std::int64_t max_inflight = 1;
    std::int64_t max_concurrency = 1;
    nlohmann::json settings; // JSON Schema
    nlohmann::json whole;    // as it stands in the manifest

    bool has(std::string_view extension) const;
    bool doesNeed(std::string_view what) const;
};

struct LibraryManifest {
    int abi_major = 0;
    int abi_minor = 0;
    int schema_level = 0;
    std::vector<PluginManifest> plugins;
};

// The error says which member is wrong, what it has and what is wanted.
base::Result<LibraryManifest> parseManifest(std::string_view text);

} // namespace hearback::loader
