#include "egress/certificates.h"

#include "base/file.h"

#include <Poco/Crypto/X509Certificate.h>
#include <Poco/DateTime.h>
#include <Poco/Exception.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <string_view>

namespace hearback::egress {

namespace {

constexpr std::size_t kFileMax = 4 << 20;
constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";

} // namespace

// One after the other: readPEM() of Poco 1.11 keeps a file that holds none open.
base::Result<base::Micros> certificateEndsAt(const std::filesystem::path& file) {
    const auto text = base::readFile(file, kFileMax);
    if (!text) return text.error();
    base::Micros first = std::numeric_limits<base::Micros>::max();
    auto at = text->find(kBegin);
    if (at == std::string::npos) return base::Error{base::Code::Invalid, "it holds no certificate"};
    try {
        for (; at != std::string::npos; at = text->find(kBegin, at + kBegin.size())) {
            std::istringstream one(text->substr(at));
            const Poco::Crypto::X509Certificate certificate(one);
            first = std::min<base::Micros>(first,
                                           certificate.expiresOn().timestamp().epochMicroseconds());
        }
    } catch (const Poco::Exception& error) {
        return base::Error{base::Code::Invalid, error.displayText()};
    }
    return first;
}

} // namespace hearback::egress
