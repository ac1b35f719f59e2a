// The durable store of instances: of all that have the same name. Any thread.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace hearback::check {

class Kv {
  public:
    static constexpr std::size_t kKeyMax = 256;
    static constexpr std::size_t kValueMax = 64 << 10;
    static constexpr std::size_t kKeysMax = 1000;

    // From now on in this file too, with what it holds: for instances in another process.
    void keepIn(std::filesystem::path file);

    std::optional<std::string> get(const std::string& instance, const std::string& key) const;
    // False where a limit is passed.
    bool set(const std::string& instance, const std::string& key, const std::string& value);
    void remove(const std::string& instance, const std::string& key);

  private:
    void save() const;

    mutable std::mutex mutex_;
    std::filesystem::path file_;
    std::map<std::pair<std::string, std::string>, std::string> values_;
};

} // namespace hearback::check
