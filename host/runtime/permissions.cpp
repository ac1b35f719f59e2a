#include "runtime/permissions.h"

#include "egress/url.h"

#include <algorithm>

namespace hearback::runtime {

namespace {

using nlohmann::json;

constexpr std::string_view kSetting = "setting:";

// The hosts of the addresses in a setting: a text, or a list of texts.
void addHostsOf(const json& setting, std::vector<std::string>& into) {
    if (setting.is_array())
        for (const json& each : setting) addHostsOf(each, into);
    if (!setting.is_string()) return;
    const auto target = egress::parseUrl(setting.get<std::string>());
    if (target) into.push_back(target->host);
}

} // namespace

bool isOfPattern(std::string_view host, std::string_view pattern) {
    if (pattern.substr(0, 2) != "*.") return host == pattern;
    const std::string_view end = pattern.substr(1);
    return host.size() > end.size() && host.substr(host.size() - end.size()) == end;
}

std::string hostBeyond(const std::vector<std::string>& before,
                       const std::vector<std::string>& now) {
    if (before.empty()) return {};
    if (now.empty()) return "anywhere";
    // A pattern lies within another one as its own name does: "*.a.example" within "*.example".
    for (const std::string& each : now)
        if (std::none_of(before.begin(), before.end(), [&](const std::string& known) {
                return each == known || isOfPattern(each, known);
            }))
            return each;
    return {};
}

Permissions::Permissions(const loader::PluginManifest& manifest, std::string_view settings)
    : may_send_(manifest.doesNeed("http")), is_restricted_(!manifest.hosts.empty()) {
    const json values = json::parse(settings, nullptr, false);
    for (const std::string& host : manifest.hosts) {
        if (host.substr(0, kSetting.size()) != kSetting)
            hosts_.push_back(host);
        else if (values.is_object() && values.contains(host.substr(kSetting.size())))
            addHostsOf(values[host.substr(kSetting.size())], hosts_);
    }
}

base::Result<void> Permissions::permits(const std::string& host) const {
    if (!may_send_)
        return base::Error{
            base::Code::Unsupported,
            "the plugin does not say that it sends HTTP: its author adds \"http\" to "
            "the \"needs\" of its manifest"};
    const bool is_among = std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& each) {
        return isOfPattern(host, each);
    });
    if (is_restricted_ && !is_among)
        return base::Error{base::Code::Unsupported,
                           "the plugin does not say that it sends to " + host +
                               ": its author adds it to the \"hosts\" of its manifest"};
    return {};
}

} // namespace hearback::runtime
