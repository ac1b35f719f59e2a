// An account of OAuth 2 for which the host keeps an access token: Host::accessToken().
#pragma once

#include "hearback/sdk/wire_fields.hpp"

#include <protozero/pbf_builder.hpp>

#include <cstdint>
#include <string>

namespace hearback {

enum class OAuthGrant : std::int32_t { Unspecified = 0, RefreshToken = 1, ClientCredentials = 2 };

struct OAuthAccount {
    std::string token_url;
    std::string client_id;
    std::string client_secret;
    std::string refresh_token; // as it was configured; the host keeps those that replace it
    std::string scope;
    OAuthGrant grant = OAuthGrant::RefreshToken;
    bool secret_in_body = false; // for services that take no HTTP Basic
    bool single_use = false;     // the service takes each refresh token once

    std::string encode() const {
        using Field = wire::OAuthAccount;
        std::string bytes;
        protozero::pbf_builder<Field> out(bytes);
        out.add_string(Field::token_url, token_url);
        out.add_string(Field::client_id, client_id);
        out.add_string(Field::client_secret, client_secret);
        out.add_string(Field::refresh_token, refresh_token);
        out.add_string(Field::scope, scope);
        out.add_enum(Field::grant, static_cast<std::int32_t>(grant));
        out.add_bool(Field::secret_in_body, secret_in_body);
        out.add_bool(Field::single_use, single_use);
        return bytes;
    }
};

} // namespace hearback
