#include "egress/redaction.h"

#include <catch2/catch.hpp>

using namespace hearback::egress;

TEST_CASE("an address loses what proves who one is", "[redaction]") {
    const std::vector<std::pair<std::string, std::string>> all = {
        {"https://api.example.org/v1/items", "https://api.example.org/v1/items"},
        {"https://example.org", "https://example.org"},
        {"https://ada:pass@example.org:8443/x", "https://example.org:8443/x"},
        {"https://example.org/x?key=AIza&page=2#top", "https://example.org/x?key=***&page=***"},
        {"https://example.org/?flag", "https://example.org/?***"},
        {"https://example.org?x=1", "https://example.org?x=***"},
        {"https://api.telegram.org/bot123456:AAH-x_y/getMe",
         "https://api.telegram.org/bot***/getMe"},
        {"https://api.telegram.org/file/bot1:A/photos/1.jpg",
         "https://api.telegram.org/file/bot***/photos/1.jpg"},
        {"https://example.org/bots/both/bot12/botanic:garden",
         "https://example.org/bots/both/bot12/botanic:garden"},
        {"https://a@b:c@example.org/", "https://example.org/"},
        {"https://[::1]:80/x?y=z", "https://[::1]:80/x?y=***"},
        {"no address", "no address"},
        {"", ""}};
    for (const auto& [url, wanted] : all) CHECK(withoutCredentials(url) == wanted);
}

TEST_CASE("every address in a text loses its credentials and the rest stays", "[redaction]") {
    CHECK(withoutCredentialsIn("nothing to hide") == "nothing to hide");
    CHECK(withoutCredentialsIn("asked https://u:p@a.example/x?k=v, then (http://b.example/?q=1) "
                               "and url=\"https://c.example/bot7:x/y\"") ==
          "asked https://a.example/x?k=*** then (http://b.example/?q=*** "
          "and url=\"https://c.example/bot***/y\"");
    CHECK(withoutCredentialsIn("://") == "://");
    CHECK(withoutCredentialsIn("x://y?z=1://w?v=2") == "x://y?z=***");
}

TEST_CASE("a recording keeps what tells one page from another", "[redaction]") {
    CHECK(
        withoutNamedCredentials(
            "https://a.example/x?page=2&pageToken=abc&access_token=t&key=k&q=a&sig=s&author=ada") ==
        "https://a.example/x?page=2&pageToken=abc&access_token=***&key=***&q=a&sig=***&author=ada");
    CHECK(formWithoutCredentials("grant_type=refresh_token&refresh_token=r1&scope=a+b") ==
          "grant_type=refresh_token&refresh_token=***&scope=a+b");
    CHECK(formWithoutCredentials("").empty());
    CHECK(jsonWithoutTokens(R"({"access_token":"t","expires_in":3600,"code":"x","key":"HB-1"})") ==
          R"({"access_token":"***","expires_in":3600,"code":"x","key":"HB-1"})");
    CHECK(jsonWithoutTokens(R"({"a":[{"accessJwt":"j"}],"nextPageToken":"n"})") ==
          R"({"a":[{"accessJwt":"***"}],"nextPageToken":"n"})");
    CHECK(jsonWithoutTokens("{ \"text\" : \"kept as it is\" }") ==
          "{ \"text\" : \"kept as it is\" }");
    CHECK(jsonWithoutTokens("token") == "token");
    for (const char* name : {"Authorization", "Cookie", "Set-Cookie", "X-Api-Key", "Api-Key",
                             "PRIVATE-TOKEN", "X-Hub-Signature-256", "Proxy-Authorization"}) {
        INFO(name);
        CHECK(namesCredential(name));
    }
    for (const char* name : {"Accept", "Content-Type", "Date", "X-Author", "ETag", "Link"}) {
        INFO(name);
        CHECK_FALSE(namesCredential(name));
    }
}
