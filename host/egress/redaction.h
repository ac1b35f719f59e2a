// Texts without what proves who somebody is: for the log, for errors, for recordings.
#pragma once

#include <string>
#include <string_view>

namespace hearback::egress {

// "https://api.example.org/bot***/getMe?key=***": without user names, values of the query, and the
// token that Telegram has in its path. A fragment is left out.
std::string withoutCredentials(std::string_view url);
// Likewise; of the query only values go whose names say that they are credentials. For a recording,
// where one page must be told from another.
std::string withoutNamedCredentials(std::string_view url);
// Every URL in a text without its credentials.
std::string withoutCredentialsIn(std::string_view text);

// Whether a parameter or header of this name has a credential for its value.
bool namesCredential(std::string_view name);
// "grant_type=refresh_token&refresh_token=***": a body of application/x-www-form-urlencoded.
std::string formWithoutCredentials(std::string_view body);
// JSON whose members are tokens, secrets or passwords by their names; any other text as it is.
std::string jsonWithoutTokens(const std::string& body);

} // namespace hearback::egress
