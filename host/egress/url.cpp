#include "egress/url.h"

#include <Poco/Exception.h>
#include <Poco/String.h>
#include <Poco/URI.h>

namespace hearback::egress {

using base::Code;
using base::Error;

base::Result<Target> parseUrl(const std::string& url) {
    try {
        const Poco::URI uri(url);
        Target target;
        target.encrypted = uri.getScheme() == "https";
        if (!target.encrypted && uri.getScheme() != "http")
            return Error{Code::Invalid, "an address must begin with https:// or http://"};
        if (!uri.getUserInfo().empty())
            return Error{Code::Invalid, "an address must not carry a user name; use the settings "
                                        "that the plugin has for it"};
        target.host = Poco::toLower(uri.getHost());
        if (target.host.empty()) return Error{Code::Invalid, "an address must name a host"};
        target.port = uri.getPort();
        target.path_and_query = uri.getPathAndQuery();
        if (target.path_and_query.empty() || target.path_and_query.front() != '/')
            target.path_and_query.insert(0, "/");
        return target;
    } catch (const Poco::Exception&) {
        return Error{Code::Invalid, "is no address such as https://example.org/feed"};
    }
}

} // namespace hearback::egress
