#include "check/kv.h"

#include "base/file.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace hearback::check {

void Kv::keepIn(std::filesystem::path file) {
    const std::lock_guard lock(mutex_);
    file_ = std::move(file);
    const auto bytes = base::readFile(file_, 256 << 20);
    if (!bytes) return;
    for (const auto& row : nlohmann::json::from_cbor(*bytes, true, false))
        values_[{row[0].get<std::string>(), row[1].get<std::string>()}] = row[2].get<std::string>();
}

void Kv::save() const {
    if (file_.empty()) return;
    auto rows = nlohmann::json::array();
    for (const auto& [key, value] : values_) rows.push_back({key.first, key.second, value});
    const std::vector<std::uint8_t> bytes = nlohmann::json::to_cbor(rows);
    (void)base::writeFile(file_, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<std::string> Kv::get(const std::string& instance, const std::string& key) const {
    const std::lock_guard lock(mutex_);
    const auto found = values_.find({instance, key});
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

bool Kv::set(const std::string& instance, const std::string& key, const std::string& value) {
    const std::lock_guard lock(mutex_);
    if (key.empty() || key.size() > kKeyMax || value.size() > kValueMax) return false;
    const auto count = std::count_if(values_.begin(), values_.end(), [&](const auto& each) {
        return each.first.first == instance;
    });
    if (static_cast<std::size_t>(count) >= kKeysMax && !values_.contains({instance, key}))
        return false;
    values_[{instance, key}] = value;
    save();
    return true;
}

void Kv::remove(const std::string& instance, const std::string& key) {
    const std::lock_guard lock(mutex_);
    values_.erase({instance, key});
    save();
}

} // namespace hearback::check
