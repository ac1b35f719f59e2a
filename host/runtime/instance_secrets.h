// The secrets of one instance: read when they are asked for, noticed when their file was changed,
// and taken out of what the instance says. Any thread.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include <sys/types.h>

#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace hearback::runtime {

class InstanceSecrets {
  public:
    // Shorter ones would take words out of sentences.
    static constexpr std::size_t kHiddenMin = 4;

    // `references`: by the name of their setting. `on_change`: told the setting whose value is
    // another one than before.
    InstanceSecrets(const std::map<std::string, std::string>& references,
                    std::filesystem::path folder, base::Clock& clock,
                    std::function<void(const std::string&)> on_change);

    // The present value; Unsupported for a setting that is no secret.
    base::Result<std::string> get(const std::string& setting);
    // Another value that must not be told, such as an access token.
    void hide(const std::string& value);
    // The text with "***" for every value, those from before a change too.
    std::string without(std::string_view text);

  private:
    // Which content a file has, as far as that can be told without reading it.
    struct Stamp {
        dev_t device = 0;
        ino_t file = 0;
        off_t size = 0;
        base::Micros changed = 0;
        bool operator==(const Stamp&) const = default;
    };
    struct Secret {
        std::string reference;
        Stamp stamp;
        std::string value;
    };

    static Stamp stampOf(const std::filesystem::path& file);
    // With the lock held.
    base::Result<std::string> read(Secret& secret, bool& is_changed);
    void remember(const std::string& value);
    // Without it.
    void look();

    const std::filesystem::path folder_;
    base::Clock& clock_;
    const std::function<void(const std::string&)> on_change_;
    std::mutex mutex_;
    std::map<std::string, Secret> secrets_;
    std::deque<std::string> hidden_; // the longest known first
    base::Micros look_after_ = 0;
};

} // namespace hearback::runtime
