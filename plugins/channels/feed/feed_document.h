// RSS 2.0 (https://www.rssboard.org/rss-specification) and Atom (RFC 4287), read leniently.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearback::feed {

struct Entry {
    std::string id; // never empty
    std::string title;
    std::string html;
    bool is_html = true; // else plain text
    std::string link;
    std::string author;
    std::int64_t published_at_us = 0;
    std::int64_t updated_at_us = 0; // 0: the feed does not tell
};

struct Feed {
    std::string title;
    std::string language;
    std::int64_t ttl_s = 0;     // the feed asks not to be read more often; 0: it does not
    std::vector<Entry> entries; // oldest first
};

// The feed, or what is wrong with the document. No entity is expanded but those of XML itself.
std::variant<Feed, std::string> parseFeed(std::string_view bytes);

} // namespace hearback::feed
