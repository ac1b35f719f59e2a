// Which plugins may run. Those that this build made do, known by the list of their hashes that lies
// beside them; any other only where somebody said so, by its hash: `hearback plugin trust FILE`.
#pragma once

#include "base/result.h"
#include "config/value.h"
#include "loader/catalog.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace hearback::runtime {

// The list of hashes in a folder of plugins, as sha256sum writes it.
inline constexpr const char* kShippedList = "plugins.sha256";

// An entry of the trust file.
struct TrustedPlugin {
    std::string hash; // SHA-256 of the library
    std::string plugin;
    std::string version;
    std::string from; // path when it was trusted, for people
    std::string signer;
    // Hosts that it may send to, beyond those in its settings; empty: what its manifest names.
    std::vector<std::string> hosts;
};

enum class Standing { Shipped, Trusted, Unknown };

class Trust {
  public:
    Trust() = default;
    // `shipped`: folders whose plugins.sha256 counts. A trust file that is not there is empty; what
    // is wrong in it is told, and one that others may write is refused.
    Trust(const std::vector<std::filesystem::path>& shipped, const std::filesystem::path& file,
          bool trust_all, std::vector<config::Problem>& problems);

    Standing of(const loader::PluginFile& file) const;
    const TrustedPlugin* find(const std::string& hash) const;

    // Adds an entry to the file, or replaces the one of that hash.
    static base::Result<void> add(const std::filesystem::path& file, const TrustedPlugin& entry);
    static base::Result<bool> remove(const std::filesystem::path& file, const std::string& hash);

  private:
    std::set<std::string> shipped_;
    std::map<std::string, TrustedPlugin> trusted_;
    bool trust_all_ = false;
};

// Empty, or why nobody should load what lies there: the file, or a folder above it, is writable by
// others than root and this user.
std::string writableByOthers(const std::filesystem::path& file);

} // namespace hearback::runtime
