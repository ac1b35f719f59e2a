// Which plugins may run. Those that this build made do, known by the list of their hashes that lies
// beside them; any other only where somebody said so: of its hash (`hearback plugin trust FILE`),
// or of whoever signed it (`hearback plugin trust-signer`).
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
};

// Whose signature is enough.
struct TrustedSigner {
    std::string key; // packages::PublicKey
    std::string name;
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
    // The signer that is trusted under this key.
    const TrustedSigner* findSigner(const std::string& key) const;

    // Adds an entry to the file, or replaces the one of that hash.
    static base::Result<void> add(const std::filesystem::path& file, const TrustedPlugin& entry);
    static base::Result<bool> remove(const std::filesystem::path& file, const std::string& hash);
    static base::Result<void> addSigner(const std::filesystem::path& file,
                                        const TrustedSigner& signer);
    static base::Result<bool> removeSigner(const std::filesystem::path& file,
                                           const std::string& key);

  private:
    std::set<std::string> shipped_;
    struct Entries {
        std::map<std::string, TrustedPlugin> plugins; // by hash
        std::map<std::string, TrustedSigner> signers; // by key
    };
    static Entries read(const std::filesystem::path& file, std::vector<config::Problem>& problems);
    static base::Result<Entries> load(const std::filesystem::path& file);
    static base::Result<void> write(const std::filesystem::path& file, const Entries& entries);

    Entries trusted_;
    bool trust_all_ = false;
};

// Empty, or why nobody should load what lies there: the file, or a folder above it, is writable by
// others than root and this user.
std::string writableByOthers(const std::filesystem::path& file);

} // namespace hearback::runtime
