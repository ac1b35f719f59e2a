// The request for an access token and the reading of its answer: RFC 6749, 4.4.2, 5.1, 5.2 and 6.
#pragma once

#include "base/clock.h"
#include "base/result.h"

#include "hearback/v1/host.pb.h"

#include <string>

namespace hearback::runtime {

struct Grant {
    std::string access;
    std::string refresh;       // empty: the old one stays
    base::Micros lifetime = 0; // 0: not told
};

// What of an account makes no sense; empty where nothing.
std::string problemOf(const v1::OAuthAccount& account);
bool usesRefreshToken(const v1::OAuthAccount& account);

v1::HttpRequest tokenRequest(const v1::OAuthAccount& account, const std::string& refresh_token);
// Auth where the service refuses the credentials, Invalid where the address is wrong, RateLimited
// and Unavailable where it may be better later. Never a word of the answer but its error code.
base::Result<Grant> readTokenAnswer(const v1::HttpResponse& answer, const std::string& host,
                                    base::Micros now);

} // namespace hearback::runtime
