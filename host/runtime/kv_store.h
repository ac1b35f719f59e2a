// The small durable store that each plugin instance has for itself, and the host for each of its
// own services that plugins use.
#pragma once

#include "base/result.h"
#include "storage/database.h"

#include <map>
#include <optional>
#include <string>

namespace hearback::runtime {

storage::Migration kvMigration();

class KvStore {
  public:
    static constexpr std::size_t kKeyMax = 256;
    static constexpr std::size_t kValueMax = 64 << 10;
    static constexpr long long kKeysMax = 1000;

    // Names that no instance can have: theirs hold no colon.
    static constexpr const char* kBudgets = ":budgets";
    static constexpr const char* kTokens = ":tokens";
    static constexpr const char* kRhythms = ":rhythms";

    explicit KvStore(storage::Database& database) : database_(database) {}

    base::Result<std::optional<std::string>> get(const std::string& instance,
                                                 const std::string& key);
    base::Result<std::map<std::string, std::string>> all(const std::string& instance);
    // Full where the key, the value or the number of keys is over its limit; Invalid where the key
    // is not UTF-8 or has a zero byte.
    base::Result<void> set(const std::string& instance, const std::string& key,
                           const std::string& value);
    base::Result<void> remove(const std::string& instance, const std::string& key);

  private:
    storage::Database& database_;
};

} // namespace hearback::runtime
