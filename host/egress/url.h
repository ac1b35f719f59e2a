// Addresses of the web, taken apart.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>

namespace hearback::egress {

struct Target {
    bool encrypted = true;
    std::string host; // a name in small letters, or an address without brackets
    std::uint16_t port = 443;
    std::string path_and_query; // begins with "/"
};

// An http or https URL. User names are refused, a fragment is left out.
base::Result<Target> parseUrl(const std::string& url);

} // namespace hearback::egress
