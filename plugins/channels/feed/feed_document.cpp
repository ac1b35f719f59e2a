#include "feed_document.h"

#include <hearback/sdk/time.hpp>

#include <pugixml.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

namespace hearback::feed {

namespace {

constexpr std::size_t kEntriesMax = 10000;

std::string textOf(const pugi::xml_node& node) {
    std::string text;
    for (const pugi::xml_node& child : node.children())
        if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
            text += child.value();
    return text;
}

std::string firstOf(const pugi::xml_node& node, std::initializer_list<const char*> names) {
    for (const char* name : names) {
        std::string text = textOf(node.child(name));
        if (!text.empty()) return text;
    }
    return {};
}

std::int64_t timeOf(const std::string& text) { return parseTime(text).value_or(0); }

std::string trimmed(const std::string& text) {
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\n") + 1 - begin);
}

// Whether the host takes it as an id, even where each byte that is no letter becomes the three of
// U+FFFD.
bool isId(const std::string& id) {
    std::size_t size = 0;
    for (const char c : id) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return false;
        size += byte < 0x80 ? 1 : 3;
    }
    return size > 0 && size <= 480;
}

// Where a feed names its entries badly, their link or content does.
std::string idOf(const std::string& guid, const Entry& entry) {
    std::string id = trimmed(guid);
    if (id.empty()) id = trimmed(entry.link);
    if (!isId(id)) {
        std::uint64_t hash = 0xcbf29ce484222325U; // FNV-1a
        for (const char c : id.empty() ? entry.title + "\n" + entry.html : id)
            hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
        id = "hash-" + std::to_string(hash);
    }
    return id;
}

Entry rssEntry(const pugi::xml_node& item) {
    Entry entry;
    entry.title = textOf(item.child("title"));
    entry.html = firstOf(item, {"content:encoded", "description"});
    entry.link = textOf(item.child("link"));
    entry.author = firstOf(item, {"dc:creator", "author"});
    entry.published_at_us = timeOf(firstOf(item, {"pubDate", "dc:date"}));
    entry.id = idOf(textOf(item.child("guid")), entry);
    return entry;
}

Feed rss(const pugi::xml_node& channel) {
    Feed feed;
    feed.title = textOf(channel.child("title"));
    feed.language = textOf(channel.child("language"));
    feed.ttl_s = std::clamp(std::atoll(textOf(channel.child("ttl")).c_str()), 0LL, 1440LL) * 60;
    for (const pugi::xml_node& item : channel.children("item")) {
        if (feed.entries.size() == kEntriesMax) break;
        feed.entries.push_back(rssEntry(item));
    }
    return feed;
}

// The page itself, not what edits it or goes with it.
std::string atomLink(const pugi::xml_node& entry) {
    for (const pugi::xml_node& link : entry.children("link")) {
        const char* rel = link.attribute("rel").as_string("alternate");
        if (std::strcmp(rel, "alternate") == 0) return link.attribute("href").as_string();
    }
    return {};
}

// Text constructs of RFC 4287, 3.1: text, html or xhtml, whose markup is within the document.
void readContent(const pugi::xml_node& node, Entry& entry) {
    const std::string type = node.attribute("type").as_string("text");
    entry.is_html = type == "html" || type == "xhtml" || type == "text/html";
    if (type != "xhtml") {
        entry.html = textOf(node);
        return;
    }
    struct Writer final : pugi::xml_writer {
        std::string out;
        void write(const void* data, std::size_t size) override {
            out.append(static_cast<const char*>(data), size);
        }
    } writer;
    for (const pugi::xml_node& child : node.children())
        child.print(writer, "", pugi::format_raw, pugi::encoding_utf8);
    entry.html = writer.out;
}

Entry atomEntry(const pugi::xml_node& node) {
    Entry entry;
    entry.title = textOf(node.child("title"));
    readContent(node.child("content") ? node.child("content") : node.child("summary"), entry);
    entry.link = atomLink(node);
    entry.author = textOf(node.child("author").child("name"));
    entry.published_at_us = timeOf(firstOf(node, {"published", "issued"}));
    entry.updated_at_us = timeOf(firstOf(node, {"updated", "modified"}));
    if (entry.published_at_us == 0) entry.published_at_us = entry.updated_at_us;
    entry.id = idOf(textOf(node.child("id")), entry);
    return entry;
}

Feed atom(const pugi::xml_node& root) {
    Feed feed;
    feed.title = textOf(root.child("title"));
    feed.language = root.attribute("xml:lang").as_string();
    for (const pugi::xml_node& node : root.children("entry")) {
        if (feed.entries.size() == kEntriesMax) break;
        feed.entries.push_back(atomEntry(node));
    }
    return feed;
}

} // namespace

std::variant<Feed, std::string> parseFeed(std::string_view bytes) {
    pugi::xml_document document;
    const pugi::xml_parse_result parsed =
        document.load_buffer(bytes.data(), bytes.size(), pugi::parse_default);
    if (!parsed)
        return "the XML is broken at byte " + std::to_string(parsed.offset) + ": " +
               parsed.description();
    std::optional<Feed> feed;
    if (const auto channel = document.child("rss").child("channel")) feed = rss(channel);
    if (const auto root = document.child("feed")) feed = atom(root);
    if (!feed) {
        const std::string name = document.document_element().name();
        return "is no feed: its root is <" + name.substr(0, 40) + ">, wanted is <rss> or <feed>";
    }
    // Feeds begin with the newest; conversations with the oldest.
    std::stable_sort(
        feed->entries.begin(), feed->entries.end(),
        [](const Entry& a, const Entry& b) { return a.published_at_us < b.published_at_us; });
    return std::move(*feed);
}

} // namespace hearback::feed
