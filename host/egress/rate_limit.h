// What an answer says about how much may still be asked: one reading of all the forms that web
// services use. No state, no clock.
//
//   Retry-After                                     RFC 9110, 10.2.3: seconds or a date
//   X-RateLimit-*, X-Rate-Limit-*, RateLimit-*      Limit, Remaining, Used, Reset, Reset-After
//   RateLimit, RateLimit-Policy                     draft-ietf-httpapi-ratelimit-headers
//   X-RateLimit-Requests-*                          Linear
//   X-HubSpot-RateLimit-*                           Max, Remaining, Interval-Milliseconds
//   X-Rate-Limit                                    Zendesk: the limit; App Store Connect:
//                                                   user-hour-lim:3600;user-hour-rem:3542
//   Sforce-Limit-Info                               Salesforce: api-usage=18/5000
//   X-App-Usage, X-Business-Use-Case-Usage          Meta: percentages as JSON
//   {"retry_after": 0.5, "global": true}            Discord, in the body of a 429
//   {"parameters": {"retry_after": 5}}              Telegram, likewise
//
// A reset is seconds from now, seconds or milliseconds since 1970, or a date: told apart by size.
#pragma once

#include "base/clock.h"

#include "hearback/v1/host.pb.h"

#include <optional>

namespace hearback::egress {

struct RateLimit {
    std::optional<double> limit;          // of a window, in the other side's own units
    std::optional<double> remaining;      // in this window
    std::optional<base::Micros> window;   // how long one is
    std::optional<base::Micros> reset_at; // when the next one begins
    // Asked to come back not before; with a 429 also where only the reset is known.
    std::optional<base::Micros> retry_at;
    bool is_refused = false; // 429: this was too much
    bool is_global = false;  // holds for everything that is asked of the other side
};

RateLimit parseRateLimit(const v1::HttpResponse& answer, base::Micros now);

} // namespace hearback::egress
