#include "runtime/instance_secrets.h"

#include "config/secrets.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

namespace hearback::runtime {

namespace {

constexpr base::Micros kLookEvery = base::kSecond;
constexpr std::size_t kHiddenMax = 256;
// A line of a key in several lines is as telling as the whole.
constexpr std::size_t kLineMin = 16;

} // namespace

InstanceSecrets::InstanceSecrets(const std::map<std::string, std::string>& references,
                                 std::filesystem::path folder, base::Clock& clock,
                                 std::function<void(const std::string&)> on_change)
    : folder_(std::move(folder)), clock_(clock), on_change_(std::move(on_change)) {
    for (const auto& [setting, reference] : references) {
        Secret& secret = secrets_[setting];
        secret.reference = reference;
        bool is_changed = false;
        (void)read(secret, is_changed);
    }
}

InstanceSecrets::Stamp InstanceSecrets::stampOf(const std::filesystem::path& file) {
    struct stat seen {};
    if (file.empty() || ::stat(file.c_str(), &seen) != 0) return {};
    return {seen.st_dev, seen.st_ino, seen.st_size,
            seen.st_mtim.tv_sec * base::kSecond + seen.st_mtim.tv_nsec / 1000};
}

// The stamp first: what is written between the two is noticed the next time.
base::Result<std::string> InstanceSecrets::read(Secret& secret, bool& is_changed) {
    const Stamp stamp = stampOf(config::secretFile(secret.reference, folder_));
    auto value = config::resolveSecret(secret.reference, folder_);
    secret.stamp = stamp;
    if (!value) return value;
    is_changed = !secret.value.empty() && secret.value != *value;
    secret.value = *value;
    remember(*value);
    return value;
}

void InstanceSecrets::remember(const std::string& value) {
    std::vector<std::string> parts = {value};
    for (std::size_t at = 0; value.find('\n') != std::string::npos && at < value.size();) {
        const auto end = std::min(value.find('\n', at), value.size());
        if (end - at >= kLineMin) parts.push_back(value.substr(at, end - at));
        at = end + 1;
    }
    for (std::string& part : parts)
        if (part.size() >= kHiddenMin &&
            std::find(hidden_.begin(), hidden_.end(), part) == hidden_.end())
            hidden_.push_back(std::move(part));
    // What is no setting's present value is forgotten first.
    const auto isPresent = [&](const std::string& hidden) {
        return std::any_of(secrets_.begin(), secrets_.end(), [&](const auto& each) {
            return each.second.value.find(hidden) != std::string::npos;
        });
    };
    while (hidden_.size() > kHiddenMax) {
        const auto old = std::find_if_not(hidden_.begin(), hidden_.end(), isPresent);
        hidden_.erase(old == hidden_.end() ? hidden_.begin() : old);
    }
}

base::Result<std::string> InstanceSecrets::get(const std::string& setting) {
    bool is_changed = false;
    auto value = [&]() -> base::Result<std::string> {
        const std::lock_guard lock(mutex_);
        const auto found = secrets_.find(setting);
        if (found == secrets_.end())
            return base::Error{base::Code::Unsupported, "the setting is no secret"};
        return read(found->second, is_changed);
    }();
    if (is_changed) on_change_(setting);
    return value;
}

void InstanceSecrets::hide(const std::string& value) {
    const std::lock_guard lock(mutex_);
    remember(value);
}

// Files that were changed are read again, so that the new value is hidden before it is used.
void InstanceSecrets::look() {
    std::vector<std::string> changed;
    {
        const std::lock_guard lock(mutex_);
        if (clock_.steady() < look_after_) return;
        look_after_ = clock_.steady() + kLookEvery;
        for (auto& [setting, secret] : secrets_) {
            const auto file = config::secretFile(secret.reference, folder_);
            if (file.empty() || stampOf(file) == secret.stamp) continue;
            bool is_changed = false;
            (void)read(secret, is_changed);
            if (is_changed) changed.push_back(setting);
        }
    }
    for (const std::string& setting : changed) on_change_(setting);
}

std::string InstanceSecrets::without(std::string_view text) {
    look();
    std::string out(text);
    const std::lock_guard lock(mutex_);
    // The longest first: one may be a part of another.
    std::vector<std::string_view> hidden(hidden_.begin(), hidden_.end());
    std::stable_sort(hidden.begin(), hidden.end(),
                     [](auto a, auto b) { return a.size() > b.size(); });
    for (const std::string_view each : hidden)
        for (auto at = out.find(each); at != std::string::npos; at = out.find(each, at + 3))
            out.replace(at, each.size(), "***");
    return out;
}

} // namespace hearback::runtime
