#include "egress/certificates.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/DateTime.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <limits>

namespace hearback::egress {

base::Result<base::Micros> certificateEndsAt(const std::filesystem::path& file) {
    base::Micros first = std::numeric_limits<base::Micros>::max();
    try {
        const auto all = Poco::Crypto::X509Certificate::readPEM(file.string());
        if (all.empty()) return base::Error{base::Code::Invalid, "it holds no certificate"};
        for (const Poco::Crypto::X509Certificate& each : all)
            first = std::min(
                first, static_cast<base::Micros>(each.expiresOn().timestamp().epochMicroseconds()));
    } catch (const Poco::Exception& error) {
        return base::Error{base::Code::Invalid, error.displayText()};
    }
    return first;
}

} // namespace hearback::egress
