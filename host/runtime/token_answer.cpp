#include "runtime/token_answer.h"

#include "egress/rate_limit.h"

#include <Poco/Base64Encoder.h>
#include <Poco/URI.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <sstream>

namespace hearback::runtime {

namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::size_t kTokenMax = 16 << 10;
constexpr std::int64_t kAnswerMax = 256 << 10;
constexpr std::int64_t kTimeoutMs = 20000;
constexpr double kLifetimeMaxS = 366.0 * 86400;

std::string encoded(const std::string& text) {
    std::string out;
    Poco::URI::encode(text, "!*'();:@&=+$,/?#[]%\"<>\\^`{|}~ ", out);
    return out;
}

std::string basic(const std::string& id, const std::string& secret) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << encoded(id) << ':' << encoded(secret);
    encoder.close();
    return "Basic " + out.str();
}

std::string wordIn(const json& from, const char* member) {
    const auto found = from.find(member);
    return found != from.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// A number, or one as text, as some services have it.
base::Micros lifetimeIn(const json& from) {
    const auto found = from.find("expires_in");
    double seconds = 0;
    if (found != from.end() && found->is_number()) seconds = found->get<double>();
    if (found != from.end() && found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    }
    if (!std::isfinite(seconds) || seconds <= 0) return 0;
    return static_cast<base::Micros>(std::min(seconds, kLifetimeMaxS) * 1e6);
}

// "invalid_grant", and nothing that may be somebody's words.
std::string errorCodeIn(const json& from) {
    std::string code = wordIn(from, "error");
    const bool is_code = code.size() <= 64 && std::all_of(code.begin(), code.end(), [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
                         });
    return is_code ? code : std::string();
}

bool refusesCredentials(int status, const std::string& code) {
    constexpr std::array<const char*, 7> kForGood = {
        "invalid_grant", "invalid_client",         "unauthorized_client",  "invalid_scope",
        "access_denied", "unsupported_grant_type", "invalid_refresh_token"};
    return status == 401 || std::find(kForGood.begin(), kForGood.end(), code) != kForGood.end();
}

} // namespace

bool usesRefreshToken(const v1::OAuthAccount& account) {
    return account.grant() != v1::OAUTH_GRANT_CLIENT_CREDENTIALS;
}

std::string problemOf(const v1::OAuthAccount& account) {
    if (account.token_url().empty()) return "an OAuth account needs a token_url";
    if (account.client_id().empty()) return "an OAuth account needs a client_id";
    if (usesRefreshToken(account) && account.refresh_token().empty())
        return "an OAuth account needs a refresh_token, or the grant client_credentials";
    return {};
}

v1::HttpRequest tokenRequest(const v1::OAuthAccount& account, const std::string& refresh_token) {
    v1::HttpRequest request;
    request.set_method("POST");
    request.set_url(account.token_url());
    request.set_timeout_ms(kTimeoutMs);
    request.set_max_response_bytes(kAnswerMax);
    request.set_keep_redirects(true); // credentials go to the address that was configured
    const auto header = [&](const char* name, const std::string& value) {
        auto& added = *request.add_headers();
        added.set_name(name);
        added.set_value(value);
    };
    header("Accept", "application/json");
    header("Content-Type", "application/x-www-form-urlencoded");
    std::string& body = *request.mutable_body();
    if (usesRefreshToken(account))
        body = "grant_type=refresh_token&refresh_token=" + encoded(refresh_token);
    else
        body = "grant_type=client_credentials";
    if (!account.scope().empty()) body += "&scope=" + encoded(account.scope());
    if (account.secret_in_body() || account.client_secret().empty())
        body += "&client_id=" + encoded(account.client_id());
    if (account.client_secret().empty()) return request;
    if (account.secret_in_body())
        body += "&client_secret=" + encoded(account.client_secret());
    else
        header("Authorization", basic(account.client_id(), account.client_secret()));
    return request;
}

base::Result<Grant> readTokenAnswer(const v1::HttpResponse& answer, const std::string& host,
                                    base::Micros now) {
    const int status = answer.status();
    const json said = json::parse(answer.body(), nullptr, false);
    const json object = said.is_object() ? said : json::object();
    const std::string code = errorCodeIn(object);
    const std::string what = host + " answers the request for an access token with status " +
                             std::to_string(status) + (code.empty() ? "" : " and " + code);
    Grant grant{wordIn(object, "access_token"), wordIn(object, "refresh_token"),
                lifetimeIn(object)};
    const bool is_whole = !grant.access.empty() && grant.access.size() <= kTokenMax &&
                          grant.refresh.size() <= kTokenMax;
    if (status >= 200 && status < 300 && is_whole) return grant;
    if (refusesCredentials(status, code))
        return Error{Code::Auth, what + ": connect the account again"};
    const egress::RateLimit limit = egress::parseRateLimit(answer, now);
    if (limit.is_refused || limit.retry_at)
        return Error{Code::RateLimited, what,
                     limit.retry_at ? *limit.retry_at - now : base::kMinute};
    if (status >= 300 && status < 500)
        return Error{Code::Invalid, what + ": look at token_url, client_id and scope"};
    return Error{Code::Unavailable, what + (status < 300 ? ", without a token" : "")};
}

} // namespace hearback::runtime
