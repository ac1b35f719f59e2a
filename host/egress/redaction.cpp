#include "egress/redaction.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace hearback::egress {

namespace {

constexpr std::string_view kGone = "***";

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// "bot123456:AAE..." of https://core.telegram.org/bots/api#making-requests
bool isTelegramToken(std::string_view segment) {
    if (segment.substr(0, 3) != "bot") return false;
    const auto colon = std::find_if_not(segment.begin() + 3, segment.end(), isDigit);
    return colon != segment.end() && colon != segment.begin() + 3 &&
           (*colon == ':' || *colon == '%');
}

std::string plainName(std::string_view name) {
    std::string plain;
    for (const char c : name)
        if (c != '_' && c != '-' && c != '.')
            plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return plain;
}

template <std::size_t N>
bool holdsOneOf(const std::string& text, const std::array<const char*, N>& parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](const char* part) { return text.find(part) != std::string::npos; });
}

// "pageToken" and the like say where to go on.
bool namesToken(const std::string& plain) {
    constexpr std::array kPlaces = {"page", "pagin", "next", "prev", "sync", "continu", "cursor"};
    return plain.find("token") != std::string::npos && !holdsOneOf(plain, kPlaces);
}

bool namesSecretMember(std::string_view name) {
    constexpr std::array kParts = {"secret", "password", "passwd", "apikey", "jwt"};
    const std::string plain = plainName(name);
    return namesToken(plain) || holdsOneOf(plain, kParts);
}

bool hideTokensIn(nlohmann::ordered_json& value) {
    bool hidden = false;
    for (auto& [name, member] : value.items()) {
        const bool is_secret = value.is_object() && member.is_string() && namesSecretMember(name);
        if (is_secret) member = kGone;
        const bool within = member.is_structured() && hideTokensIn(member);
        hidden = hidden || is_secret || within;
    }
    return hidden;
}

std::string pathWithoutTokens(std::string_view path) {
    std::string out;
    while (!path.empty()) {
        const auto end = std::min(path.find('/', 1), path.size());
        const std::string_view segment = path.substr(0, end);
        const bool slash = segment.front() == '/';
        out += isTelegramToken(segment.substr(slash ? 1 : 0))
                   ? (slash ? "/bot" : "bot") + std::string(kGone)
                   : std::string(segment);
        path.remove_prefix(end);
    }
    return out;
}

std::string queryWithoutValues(std::string_view query, bool named_only) {
    std::string out;
    while (!query.empty()) {
        const auto end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        const auto equals = pair.find('=');
        out += out.empty() ? "?" : "&";
        if (named_only && !namesCredential(pair.substr(0, equals)))
            out += pair;
        else if (equals == std::string_view::npos)
            out += named_only ? pair : kGone; // may be all value
        else
            out += std::string(pair.substr(0, equals + 1)) + std::string(kGone);
        query.remove_prefix(std::min(end + 1, query.size()));
    }
    return out;
}

std::string without(std::string_view url, bool named_only) {
    url = url.substr(0, url.find('#'));
    const auto scheme = url.find("://");
    const auto begin = scheme == std::string_view::npos ? 0 : scheme + 3;
    const auto query = std::min(url.find('?'), url.size());
    const auto path = std::min(url.find('/', begin), query);
    std::string_view host = path > begin ? url.substr(begin, path - begin) : std::string_view();
    const auto at = host.rfind('@');
    if (at != std::string_view::npos) host.remove_prefix(at + 1);
    return std::string(url.substr(0, begin)) + std::string(host) +
           pathWithoutTokens(url.substr(path, query - path)) +
           queryWithoutValues(url.substr(std::min(query + 1, url.size())), named_only);
}

} // namespace

std::string withoutCredentials(std::string_view url) { return without(url, false); }
std::string withoutNamedCredentials(std::string_view url) { return without(url, true); }

std::string withoutCredentialsIn(std::string_view text) {
    std::string out;
    for (;;) {
        const auto colon = text.find("://");
        if (colon == std::string_view::npos) return out + std::string(text);
        // Where the address ends in a text.
        const auto end = std::min(text.find_first_of(" \t\r\n\"'<>`|\\", colon), text.size());
        const auto begin = text.substr(0, colon).find_last_of(" \t\r\n\"'<>`|\\([{=,;");
        const auto from = begin == std::string_view::npos ? 0 : begin + 1;
        out += text.substr(0, from);
        out += withoutCredentials(text.substr(from, end - from));
        text.remove_prefix(end);
    }
}

bool namesCredential(std::string_view name) {
    constexpr std::array kParts = {"authorization", "oauth", "signature", "credential", "cookie"};
    constexpr std::array kWhole = {"key", "sig", "code", "pass", "auth"};
    const std::string plain = plainName(name);
    return namesSecretMember(name) || holdsOneOf(plain, kParts) ||
           std::find(kWhole.begin(), kWhole.end(), plain) != kWhole.end();
}

std::string formWithoutCredentials(std::string_view body) {
    const std::string query = queryWithoutValues(body, true);
    return query.empty() ? query : query.substr(1);
}

std::string jsonWithoutTokens(const std::string& body) {
    auto value = nlohmann::ordered_json::parse(body, nullptr, false);
    return value.is_structured() && hideTokensIn(value) ? value.dump() : body;
}

} // namespace hearback::egress
