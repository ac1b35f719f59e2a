// What a plugin may do, by its manifest: whether it sends HTTP at all, and where to. In its
// settings the hosts may be those of the addresses that the operator configured.
#pragma once

#include "base/result.h"
#include "loader/manifest.h"

#include <string>
#include <string_view>
#include <vector>

namespace hearback::runtime {

class Permissions {
  public:
    // `settings`: of the instance, as JSON.
    Permissions(const loader::PluginManifest& manifest, std::string_view settings);

    // Unsupported, with what the plugin's author has to declare.
    base::Result<void> permits(const std::string& host) const;

  private:
    bool may_send_ = false;
    bool is_restricted_ = false;
    std::vector<std::string> hosts_; // "example.org", "*.example.org"
};

// The first of the hosts in `now` that `before` does not let a plugin send to; "anywhere" where
// only `now` has no list. Empty: `now` allows nothing more.
std::string hostBeyond(const std::vector<std::string>& before, const std::vector<std::string>& now);

// Whether a host is the one of the pattern, or, for "*.example.org", somewhere below it.
bool isOfPattern(std::string_view host, std::string_view pattern);

} // namespace hearback::runtime
